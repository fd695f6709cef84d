import type { CheckedPod } from './checked-report.ts';
import type { HeldEntry, HeldReport } from './held-entry.ts';
import { boundElsewhere, type ClaimRefusal, claimRefusal } from './pod-claim.ts';

/** Of the pods of one report how many were refused for a reason. */
export interface RefusedPods {
  readonly count: number;
  /** One of another node, as the API server knows it. */
  readonly example: string | undefined;
}

/** What became of pods in a report that are not its node's as far as the watch knows. */
export type ClaimRefusals = ReadonlyMap<ClaimRefusal, RefusedPods>;

/** Of a report whose pods are all its node's. */
export const noRefusals: ClaimRefusals = new Map();

/** The pods of a report that no entry takes: those that the watch may still tell of wait, others are let go. */
export class UnclaimedPods {
  readonly #nodeName: string;
  readonly #held: HeldReport;
  readonly #before: HeldReport | undefined;
  readonly refusals = new Map<ClaimRefusal, RefusedPods>();

  /** @param before the node's last report */
  constructor(nodeName: string, held: HeldReport, before: HeldReport | undefined) {
    this.#nodeName = nodeName;
    this.#held = held;
    this.#before = before;
  }

  /** @param byName the pod of this namespace and name @param byUid the pod of this UID */
  add(pod: CheckedPod, byName: HeldEntry | undefined, byUid: HeldEntry | undefined): void {
    const { uid } = pod;
    const foreign = boundElsewhere(this.#nodeName, uid, byName, byUid);
    const reason = claimRefusal(foreign, uid, byName);
    if (foreign === undefined) {
      const sinceMs = this.#before?.unclaimed.get(uid)?.sinceMs ?? this.#held.receivedMs;
      this.#held.unclaimed.set(uid, { pod, sinceMs });
    }
    const before = this.refusals.get(reason);
    this.refusals.set(reason, {
      count: (before?.count ?? 0) + 1,
      example:
        before?.example ??
        (foreign && `${foreign.namespace}/${foreign.name} is bound to ${foreign.nodeName}`),
    });
  }
}
