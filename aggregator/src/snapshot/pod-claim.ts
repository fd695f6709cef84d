import type { CheckedPod } from './checked-report.ts';
import type { HeldEntry } from './held-entry.ts';

/** Why a pod of a report is not the watch's. Only the first is said by a node that lies. */
export type ClaimRefusal =
  | 'pod of another node'
  | 'pod that the watch does not know'
  | 'pod with another UID than the watch knows';

/** Whether a pod that a node reports is this one, which the API server has scheduled there. */
export function isThatPod(
  entry: HeldEntry,
  nodeName: string,
  { namespace, name, uid }: Pick<CheckedPod, 'namespace' | 'name' | 'uid'>,
): boolean {
  return (
    entry.nodeUid === uid &&
    entry.nodeName === nodeName &&
    entry.name === name &&
    entry.namespace === namespace
  );
}

/** The entry that took the pod's sample the last time, if it is still that of this node's pod. */
export function takerOf({ names }: CheckedPod, nodeName: string): HeldEntry | undefined {
  const taker = names?.taker;
  return taker?.nodeName === nodeName ? taker : undefined;
}

/** Notes who takes the pod's sample, for the node's next report. Equal texts become one: there are hundreds of thousands. */
export function remember(entry: HeldEntry, nodeName: string, { names }: CheckedPod): void {
  if (names === undefined || names.taker === entry) return;
  names.taker = entry;
  names.namespace = entry.namespace;
  names.name = entry.name;
  names.uid = entry.nodeUid;
  entry.nodeName = nodeName;
}

/**
 * The pod of another node that a node reports, if it is one. A pod never changes its node, so one that the API server
 * has bound to another cannot be an honest mistake.
 * @param byName the pod of this namespace and name
 * @param byUid the pod of this UID
 */
export function boundElsewhere(
  nodeName: string,
  uid: string,
  byName: HeldEntry | undefined,
  byUid: HeldEntry | undefined,
): HeldEntry | undefined {
  const known = byName?.nodeUid === uid ? byName : byUid;
  return known !== undefined && known.nodeName !== '' && known.nodeName !== nodeName ? known : undefined;
}

/** Why a pod that no entry takes is refused. Unless it is foreign, the watch is some moments behind the node, or ahead. */
export function claimRefusal(
  foreign: HeldEntry | undefined,
  uid: string,
  byName: HeldEntry | undefined,
): ClaimRefusal {
  if (foreign !== undefined) return 'pod of another node';
  return byName !== undefined && byName.nodeUid !== uid
    ? 'pod with another UID than the watch knows'
    : 'pod that the watch does not know';
}
