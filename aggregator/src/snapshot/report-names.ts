import type { WireReader } from '@tacho/proto';
import { type CheckedContainer, longestName } from './checked-report.ts';
import type { HeldEntry } from './held-entry.ts';

/** The names of one pod of a report that was sound. */
export class PodNames {
  namespace: string;
  name: string;
  uid: string;
  readonly containers: readonly string[];
  /** How many bytes its message begins with that give namespace, name and UID, and nothing else. */
  readonly headLength: number;
  /** Who took the pod's sample the last time, for whoever takes the next: a look-up costs more than the rest of it. */
  taker: HeldEntry | undefined = undefined;

  constructor(
    namespace: string,
    name: string,
    uid: string,
    containers: readonly CheckedContainer[],
    headLength: number,
  ) {
    this.namespace = namespace;
    this.name = name;
    this.uid = uid;
    this.containers = containers.map((each) => each.name);
    this.headLength = headLength;
  }

  isOf(namespace: string, name: string, uid: string, headLength: number): boolean {
    return (
      this.headLength === headLength && this.uid === uid && this.name === name && this.namespace === namespace
    );
  }
}

/** The names of a node's report, pod by pod in its order: they are nearly always those of its next one. */
export interface ReportNames {
  readonly pods: readonly (PodNames | undefined)[];
  /** The bytes of their heads, one after the other: compared in one place, the texts of a cluster lie far apart. */
  readonly heads: Buffer;
}

export const noNames: ReportNames = { pods: [], heads: Buffer.alloc(0) };

/** The heads of a report that is being read, beside those of its node's last one. */
export class HeadsReading {
  readonly #bytes: Buffer;
  readonly #last: ReportNames;
  #lastAt = 0;
  readonly #begins: number[] = [];

  constructor(bytes: Buffer, last: ReportNames) {
    this.#bytes = bytes;
    this.#last = last;
  }

  /** The names that the last report had where this one is now. */
  get before(): PodNames | undefined {
    return this.#last.pods[this.#begins.length];
  }

  /** How long the head of this pod is, if it is that of the last report's; else 0. */
  lengthOfSame(begin: number, end: number): number {
    const length = this.before?.headLength ?? 0;
    return length <= end - begin && sameBytes(this.#bytes, begin, this.#last.heads, this.#lastAt, length)
      ? length
      : 0;
  }

  /** Goes on to the next pod. @param begin where the head of this one is */
  next(begin: number): void {
    this.#lastAt += this.before?.headLength ?? 0;
    this.#begins.push(begin);
  }

  /** Whether these are names of the last report, each in its place. */
  areThose(pods: readonly (PodNames | undefined)[]): boolean {
    return pods.every((each, index) => each !== undefined && each === this.#last.pods[index]);
  }

  /** What the node's next report is read with. */
  names(pods: readonly (PodNames | undefined)[]): ReportNames {
    if (pods.length === this.#last.pods.length && this.areThose(pods)) return this.#last;
    const heads = pods.map((each, index) => {
      const begin = this.#begins[index] ?? 0;
      return this.#bytes.subarray(begin, begin + (each?.headLength ?? 0));
    });
    return { pods, heads: Buffer.concat(heads) };
  }
}

/** Whether the same bytes are in both places, neither of which ends too soon. */
function sameBytes(one: Buffer, at: number, other: Buffer, from: number, length: number): boolean {
  // From the end: names that differ mostly differ there.
  for (let index = length - 1; index >= 0; index -= 1) {
    if (one[at + index] !== other[from + index]) return false;
  }
  return true;
}

/**
 * The name that comes next in a message.
 * @param before what it probably is
 * @returns undefined where it is no such name
 */
export function nameIn(
  wire: WireReader,
  before: string | undefined,
  isSound: (text: string) => boolean,
): string | undefined {
  const length = wire.length();
  const begin = wire.position;
  wire.position += length;
  if (before !== undefined && isText(wire.bytes, begin, length, before)) return before;
  if (length > longestName) return undefined;
  // As Latin-1 every byte is a character: one that is not ASCII is then not in a name either.
  const text = wire.bytes.toString('latin1', begin, begin + length);
  return isSound(text) ? text : undefined;
}

/** Whether these bytes are the text, which is ASCII. */
function isText(bytes: Buffer, begin: number, length: number, text: string): boolean {
  if (text.length !== length) return false;
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
