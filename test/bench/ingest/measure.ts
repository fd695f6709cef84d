import { processFootprint } from '../process-footprint.ts';
import type { Fleet } from './fleet.ts';
import { sinceStampUsec } from './stamp.ts';

const monotonicUsec = () => Number(process.hrtime.bigint() / 1000n);
/** At first agents come one after the other, as a rollout brings them: what a connection costs can then be told. */
const connectEachMs = 10;
const leastConnectMs = 2_000;
/** A report that is on its way when the counts are taken. */
const leastShare = 0.98;
const farewellMs = 5_000;
const aheadUsec = 20_000;
const earlyMs = 2;

/** What it took the aggregator to take all agents in. */
export async function measureConnecting(fleet: Fleet): Promise<{ readonly cpuUsecEach: number }> {
  const { nodes } = fleet.size;
  const before = processFootprint(fleet.aggregator.pid).cpuMs;
  await fleet.connect(Math.max(leastConnectMs, nodes * connectEachMs));
  await fleet.connected();
  const cpuMs = processFootprint(fleet.aggregator.pid).cpuMs - before;
  await fleet.whole();
  return { cpuUsecEach: (cpuMs * 1000) / nodes };
}

/** What was between two looks. */
export interface Window {
  readonly tookMs: number;
  readonly millicores: number;
  readonly agentsMillicores: number;
  /** At its end. */
  readonly rssMiB: number;
  readonly anonymousMiB: number;
  /** Reports that were taken. */
  readonly reports: number;
  readonly reportsPerSecond: number;
  readonly cpuUsecPerReport: number;
  /** Reports that agents replaced before they were sent. */
  readonly replaced: number;
  /** Streams and attempts that ended, by reason. */
  readonly ends: Readonly<Record<string, number>>;
  /** What agents were told last. */
  readonly periodUsec: number;
}

/** What the aggregator takes while nothing happens but reports. */
export async function measureWindow(fleet: Fleet, seconds: number): Promise<Window> {
  const begin = await look(fleet);
  await fleet.sleep(seconds * 1000);
  const end = await look(fleet);
  const tookMs = end.atMs - begin.atMs;
  const reports = end.held.accepted - begin.held.accepted;
  const cpuMs = end.footprint.cpuMs - begin.footprint.cpuMs;
  const ends = Object.entries(end.counts.ends)
    .map(([reason, times]) => [reason, times - (begin.counts.ends[reason] ?? 0)] as const)
    .filter(([, times]) => times > 0);
  return {
    tookMs,
    millicores: (cpuMs / tookMs) * 1000,
    agentsMillicores: ((end.agentsCpuMs - begin.agentsCpuMs) / tookMs) * 1000,
    rssMiB: end.footprint.rssMiB,
    anonymousMiB: end.footprint.anonymousMiB,
    reports,
    reportsPerSecond: reports / (tookMs / 1000),
    cpuUsecPerReport: (cpuMs * 1000) / reports,
    replaced: end.counts.replaced - begin.counts.replaced,
    ends: Object.fromEntries(ends),
    periodUsec: end.counts.periodUsec,
  };
}

/** @throws when agents were lost or told another period, or fewer reports taken than were due */
export function checkWindow(fleet: Fleet, window: Window, periodMs: number): void {
  const { ends, periodUsec, replaced, reports, tookMs } = window;
  const due = (fleet.size.nodes * tookMs) / periodMs;
  if (periodUsec !== periodMs * 1000)
    throw new Error(`expected agents to be told a period of ${periodMs} ms, found ${periodUsec} µs`);
  if (Object.keys(ends).length > 0)
    throw new Error(`expected every stream to last, found ends: ${JSON.stringify(ends)}`);
  if (reports < leastShare * due)
    throw new Error(
      `expected about ${Math.round(due)} reports, found ${reports} taken and ${replaced} replaced before they were sent`,
    );
}

async function look(fleet: Fleet) {
  fleet.check();
  const [held, counts] = await Promise.all([fleet.reader.held(), fleet.counts()]);
  const footprint = processFootprint(fleet.aggregator.pid);
  return { held, counts, footprint, agentsCpuMs: fleet.agentsCpuMs(), atMs: performance.now() };
}

/**
 * Compares what agents have handed to their streams with what the aggregator has taken, and what it holds with what there
 * is. @throws when something is missing or was refused
 */
export async function checkNothingIsMissing(fleet: Fleet): Promise<void> {
  await fleet.pause(true);
  const endMs = performance.now() + farewellMs;
  let { counts, held } = await look(fleet);
  while (held.accepted + held.overtaken < counts.sent && performance.now() < endMs) {
    await fleet.sleep(100);
    ({ counts, held } = await look(fleet));
  }
  await fleet.pause(false);
  const { accepted, containers, nodes, overtaken, refused } = held;
  if (accepted + overtaken < counts.sent || refused > 0)
    throw new Error(
      `expected all ${counts.sent} reports to be accepted, found ${accepted}, ${overtaken} overtaken, ${refused} refused`,
    );
  if (nodes !== fleet.size.nodes || containers !== fleet.containers)
    throw new Error(
      `expected ${fleet.size.nodes} nodes and ${fleet.containers} containers to be held, found ${nodes} and ${containers}`,
    );
}

/** One sample's way. Both in milliseconds. */
export interface Delay {
  readonly delayMs: number;
  /** The last read: what it shows may have been there since it was asked. */
  readonly readMs: number;
}

/** From the instant that an agent stamps its report until an answer shows the stamp, of one agent after the other. */
export async function measureDelays(fleet: Fleet, seconds: number, real: boolean): Promise<readonly Delay[]> {
  const delays: Delay[] = [];
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const { dueUsec, name, namespace } = await fleet.next(aheadUsec, real);
    await fleet.sleep(Math.max(0, (dueUsec - monotonicUsec()) / 1000 - earlyMs));
    for (;;) {
      const askedUsec = monotonicUsec();
      const stamp = (await fleet.reader.podNanocores(namespace, name)) ?? Number.NaN;
      const seenUsec = monotonicUsec();
      const delayUsec = sinceStampUsec(stamp, seenUsec);
      if (delayUsec <= seenUsec - dueUsec) {
        delays.push({ delayMs: delayUsec / 1000, readMs: (seenUsec - askedUsec) / 1000 });
        break;
      }
      if (seenUsec - dueUsec > 10e6) throw new Error(`expected a report of ${name} within 10 s, found none`);
    }
  }
  return delays;
}

/** Pulls the plug and starts anew while all agents want to come back. Milliseconds until it was whole. */
export async function measureRestart(fleet: Fleet, resolution: string) {
  await fleet.restart(resolution);
  const listensMs = performance.now();
  await fleet.whole();
  const endMs = performance.now();
  const { cpuMs } = processFootprint(fleet.aggregator.pid);
  return { sinceListeningMs: endMs - listensMs, sinceStartMs: endMs - fleet.aggregator.startedMs, cpuMs };
}
