import type { CheckedPod } from './checked-report.ts';
import { type HeldEntry, HeldReport, silentPeriods } from './held-entry.ts';

/**
 * The instants of one pulled report. A kubelet samples each container when it likes, so each instant has a report of its
 * own here, which is served beside the node's.
 */
export class PulledSamples {
  readonly #held: HeldReport;
  readonly #sampledAtMs: number;
  readonly #sampledMs: number;
  readonly #byTimestamp: Map<number, HeldReport>;

  /** @param nodeOlderMs by how much the node itself was sampled before the report's instant */
  constructor(held: HeldReport, sampledAtMs: number, nodeOlderMs: number) {
    this.#held = held;
    this.#sampledAtMs = sampledAtMs;
    this.#sampledMs = held.sampledMs + nodeOlderMs;
    this.#byTimestamp = new Map([[held.timestampMs, held]]);
  }

  /** What the pod's sample hangs on. */
  timeOf({ sample }: HeldEntry, { olderByUsec = 0 }: CheckedPod): HeldReport {
    const { freshUntilMs, periodMs, puller, receivedMs } = this.#held;
    const olderMs = olderByUsec / 1000;
    const timestampMs = Math.max(this.#sampledAtMs - olderMs, sample?.time.timestampMs ?? 0);
    let time = this.#byTimestamp.get(timestampMs);
    if (time === undefined) {
      time = new HeldReport(timestampMs, receivedMs, this.#sampledMs - olderMs);
      Object.assign(time, { freshUntilMs, periodMs, puller });
      this.#byTimestamp.set(timestampMs, time);
    }
    return time;
  }

  /** Those of other instants than the report's. */
  others(): readonly HeldReport[] {
    return [...this.#byTimestamp.values()].filter((each) => each !== this.#held);
  }
}

const none: readonly HeldReport[] = [];

/**
 * Gives a node's report what is served beside it: its own samples of other instants, and of the reports before those
 * samples that it lacks. Not of an agent's by an agent's: whole is what an agent says.
 * @returns reports that have ended
 */
export function keepEarlier(
  held: HeldReport,
  own: readonly HeldReport[],
  before: HeldReport | undefined,
): readonly HeldReport[] {
  const others = before?.others ?? none;
  const isReplaced = held.puller === undefined && before?.puller === undefined;
  if (isReplaced && others.length === 0) return before === undefined ? none : [before];
  const earlier = before === undefined ? none : [before, ...others];
  if (before !== undefined) before.others = none;
  const [left, ended] = parted(isReplaced ? others : earlier, held.receivedMs);
  for (const each of left) each.unclaimed.clear();
  held.others = [...own, ...left];
  return isReplaced && before !== undefined ? [before, ...ended] : ended;
}

/** Takes what is too old from the samples that are served beside this report. @returns it */
export function expired(report: HeldReport, nowMs: number): readonly HeldReport[] {
  if (report.others.length === 0) return none;
  const [left, ended] = parted(report.others, nowMs);
  if (ended.length > 0) report.others = left;
  return ended;
}

/** Reports that somebody still has samples of and that are not too old, and the others. */
function parted(
  reports: readonly HeldReport[],
  nowMs: number,
): readonly [left: HeldReport[], ended: HeldReport[]] {
  const [left, ended]: [HeldReport[], HeldReport[]] = [[], []];
  for (const report of reports) {
    const its = report.entries.filter((entry) => entry.present && entry.sample?.time === report);
    if (its.length > 0 && report.freshUntilMs >= nowMs) {
      report.entries.splice(0, report.entries.length, ...its);
      left.push(report);
    } else ended.push(report);
  }
  return [left, ended];
}

/** A sample that is taken for the present although nothing newer came: so long at most. */
const longestHoldMs = 60_000;

/** Serves a node's report on: its puller has asked and there was nothing new. */
export function serveOn(held: HeldReport, leastMs: number, nowMs: number): void {
  const untilMs = nowMs + Math.max(leastMs, silentPeriods * held.periodMs);
  for (const each of [held, ...held.others]) {
    if (each.puller === undefined) continue;
    const lastMs = each.receivedMs + Math.max(longestHoldMs, leastMs, silentPeriods * held.periodMs);
    each.freshUntilMs = Math.max(each.freshUntilMs, Math.min(untilMs, lastMs));
  }
}

/** Serves a node's report on until another source has its first rates. */
export function bridge(held: HeldReport): void {
  for (const each of [held, ...held.others]) {
    each.freshUntilMs = Math.max(each.freshUntilMs, each.receivedMs + longestHoldMs);
  }
}

/** The newest timestamp of a node's samples; 0 where there are none. */
export function newestMs(report: HeldReport | undefined): number {
  let newest = report?.timestampMs ?? 0;
  for (const { timestampMs } of report?.others ?? none) newest = Math.max(newest, timestampMs);
  return newest;
}
