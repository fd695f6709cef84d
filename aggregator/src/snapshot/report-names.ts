import type { CheckedContainer, CheckedPod } from './checked-report.ts';

/** The names of one pod of a report that was sound. */
export interface PodNames {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly string[];
}

/** The names of a report, pod by pod in its order: they are nearly always those of the node's next one. */
export type ReportNames = readonly (PodNames | undefined)[];

/** Whether these bytes are the text, which is ASCII. */
export function isText(bytes: Buffer, begin: number, length: number, text: string): boolean {
  if (text.length !== length) return false;
  // From the end: names that differ mostly differ there.
  for (let index = length - 1; index >= 0; index -= 1) {
    if (bytes[begin + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether the containers have these names, in this order. */
export function hasNames(
  containers: readonly CheckedContainer[],
  names: PodNames | undefined,
): names is PodNames {
  if (names === undefined || names.containers.length !== containers.length) return false;
  for (let index = 0; index < containers.length; index += 1) {
    if (containers[index]?.name !== names.containers[index]) return false;
  }
  return true;
}

/** The pod's names; those before, where they are the same. */
export function namesOf(pod: CheckedPod, before: PodNames | undefined): PodNames {
  const { namespace, name, uid, containers } = pod;
  const same =
    hasNames(containers, before) &&
    before.uid === uid &&
    before.name === name &&
    before.namespace === namespace;
  return same ? before : { namespace, name, uid, containers: containers.map((each) => each.name) };
}
