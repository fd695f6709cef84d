import { MalformedMessage, WireReader } from '@tacho/proto';
import {
  type CheckedContainer,
  type CheckedOutcome,
  type CheckedPod,
  type CheckedUsage,
  isContainerName,
  isName,
  longestName,
  mostContainers,
  mostContainersPerPod,
  mostOlderUsec,
  mostPods,
  type ReportRefusal,
} from './checked-report.ts';
import { hasNames, isText, namesOf, type PodNames, type ReportNames } from './report-names.ts';

/** What could be used, with the names for the node's next report; or why nothing could be. */
export type ReadOutcome =
  | (Extract<CheckedOutcome, { readonly report: unknown }> & { readonly names: ReportNames })
  | { readonly reason: ReportRefusal };

/** Numbers of fields, as proto/tacho/v1/ingest.proto has them, with their wire types. */
const tags = {
  message: { report: 0x12, fields: 6 },
  report: { sample: 0x08, node: 0x12, pod: 0x1a, period: 0x20, nodeOlderBy: 0x28, fields: 5 },
  pod: { namespace: 0x0a, name: 0x12, uid: 0x1a, container: 0x22, olderBy: 0x28, fields: 5 },
  container: { name: 0x0a, usage: 0x12, fields: 2 },
  usage: { cpu: 0x08, memory: 0x10, swap: 0x18, window: 0x20, fields: 4 },
} as const;

/** Whether the message is a report, by its first byte: it is not read for that. */
export function isReport(message: Buffer): boolean {
  return message[0] === tags.message.report;
}

/**
 * Reads and checks an AgentMessage that is a report, in one pass: what is beyond a bound is never built.
 * @param last the names that the node's last report gave: equal ones are not made anew
 * @throws MalformedMessage; nothing of such a message can be used
 */
export function readReport(message: Buffer, last: ReportNames = []): ReadOutcome {
  const wire = new WireReader(message);
  if (wire.tag() !== tags.message.report) throw new MalformedMessage('a message that is no report');
  const outer = wire.enter();
  const { end } = wire;
  const read = new ReportReading(wire, last, false).report();
  wire.position = end;
  wire.leave(outer);
  // A second kind in the same message is as wrong as a field of a wrong type.
  while (wire.position < wire.end) wire.skip(wire.tag(), tags.message.fields);
  return read;
}

/** Below zero: a count that is not there. One beyond 2^53 is NaN, and no comparison with it is true. */
const absent = -1;

/** The message NodeReport, wherever it is. */
export class ReportReading {
  readonly #wire: WireReader;
  readonly #last: ReportNames;
  readonly #isPulled: boolean;
  readonly #refused: ReportRefusal[] = [];
  #containers = 0;
  // The usage that was read last: an object of it is made only where it is kept.
  #cpuNanocores = absent;
  #memoryWorkingSetBytes = absent;
  #swapBytes = absent;
  #windowUsec = absent;

  /** @param isPulled pods have no UID, and instants of their own */
  constructor(wire: WireReader, last: ReportNames, isPulled: boolean) {
    this.#wire = wire;
    this.#last = last;
    this.#isPulled = isPulled;
  }

  report(): ReadOutcome {
    const wire = this.#wire;
    let sample = absent;
    let period = absent;
    let nodeOlderByUsec = 0;
    let node: CheckedUsage | 'refused' | undefined;
    const pods: CheckedPod[] = [];
    const names: (PodNames | undefined)[] = [];
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.report.pod) {
        if (names.length === mostPods) return { reason: `report of more than ${mostPods} pods` };
        const before = this.#last[names.length];
        const pod = this.#pod(before);
        if (this.#containers > mostContainers)
          return { reason: `report of more than ${mostContainers} containers` };
        if (typeof pod === 'string') this.#refused.push(pod);
        else pods.push(pod);
        names.push(typeof pod === 'string' ? undefined : namesOf(pod, before));
      } else if (tag === tags.report.sample) sample = wire.count();
      else if (tag === tags.report.period) period = wire.count();
      else if (tag === tags.report.nodeOlderBy) nodeOlderByUsec = wire.count();
      else if (tag === tags.report.node) {
        this.#readUsage();
        node = this.#usage() ?? 'refused';
      } else wire.skip(tag, tags.report.fields);
    }
    if (!(sample >= 0)) return { reason: 'report without the instant of its sample' };
    if (node === 'refused') {
      this.#refused.push('node usage is incomplete or no number');
      node = undefined;
    }
    if (this.#isPulled && node !== undefined && !(nodeOlderByUsec < mostOlderUsec)) {
      this.#refused.push('pulled sample 10 minutes older than its report');
      node = undefined;
    }
    // Names that are those of the last report were found to be different from each other then.
    const known = names.every((each, index) => each !== undefined && each === this.#last[index]);
    const once = known ? pods : this.#once(pods);
    const report = {
      ...{ sampleMonotonicUsec: sample, node, pods: once },
      ...(period >= 0 && { periodUsec: period }),
      ...(this.#isPulled && node !== undefined && nodeOlderByUsec > 0 && { nodeOlderByUsec }),
    };
    return { report, refused: this.#refused, names: once.length === pods.length ? names : [] };
  }

  #pod(before: PodNames | undefined): CheckedPod | ReportRefusal {
    const wire = this.#wire;
    let namespace: string | undefined;
    let name: string | undefined;
    let uid: string | undefined = this.#isPulled ? '' : undefined;
    let olderByUsec = 0;
    let windowUsec = 0;
    let count = 0;
    const containers: CheckedContainer[] = [];
    const outer = wire.enter();
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.pod.container) {
        const container = this.#container(before?.containers[count]);
        count += 1;
        this.#containers += 1;
        if (this.#containers > mostContainers) break;
        if (container === undefined || count > mostContainersPerPod) continue;
        containers.push(container);
        if (container.windowUsec > windowUsec) windowUsec = container.windowUsec;
      } else if (tag === tags.pod.namespace) namespace = this.#text(before?.namespace, isName);
      else if (tag === tags.pod.name) name = this.#text(before?.name, isName);
      else if (tag === tags.pod.olderBy) olderByUsec = wire.count();
      else if (tag === tags.pod.uid) {
        const given = this.#text(before?.uid, isName);
        if (!this.#isPulled) uid = given;
      } else wire.skip(tag, tags.pod.fields);
    }
    wire.leave(outer);
    if (namespace === undefined || name === undefined || uid === undefined)
      return 'pod without namespace, name or UID';
    if (count === 0) return 'pod without containers';
    if (count > mostContainersPerPod) return `pod of more than ${mostContainersPerPod} containers`;
    if (containers.length < count) return 'container without name or complete usage';
    if (!hasNames(containers, before) && new Set(containers.map((each) => each.name)).size < count)
      return 'container twice in one pod';
    const pod = { namespace, name, uid, windowUsec, containers };
    // An agent samples all at once.
    if (!this.#isPulled || olderByUsec === 0) return pod;
    if (!(olderByUsec < mostOlderUsec)) return 'pulled sample 10 minutes older than its report';
    return { ...pod, olderByUsec };
  }

  #container(before: string | undefined): CheckedContainer | undefined {
    const wire = this.#wire;
    let name: string | undefined;
    this.#cpuNanocores = absent;
    const outer = wire.enter();
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.container.name) name = this.#text(before, isContainerName);
      else if (tag === tags.container.usage) this.#readUsage();
      else wire.skip(tag, tags.container.fields);
    }
    wire.leave(outer);
    if (name === undefined || !this.#isUsage()) return undefined;
    return {
      name,
      cpuNanocores: this.#cpuNanocores,
      memoryWorkingSetBytes: this.#memoryWorkingSetBytes,
      swapBytes: this.#swapBytes === absent ? undefined : this.#swapBytes,
      windowUsec: this.#windowUsec,
    };
  }

  #readUsage(): void {
    const wire = this.#wire;
    this.#cpuNanocores = absent;
    this.#memoryWorkingSetBytes = absent;
    this.#swapBytes = absent;
    this.#windowUsec = absent;
    const outer = wire.enter();
    while (wire.position < wire.end) {
      const tag = wire.tag();
      if (tag === tags.usage.cpu) this.#cpuNanocores = wire.count();
      else if (tag === tags.usage.memory) this.#memoryWorkingSetBytes = wire.count();
      else if (tag === tags.usage.swap) this.#swapBytes = wire.count();
      else if (tag === tags.usage.window) this.#windowUsec = wire.count();
      else wire.skip(tag, tags.usage.fields);
    }
    wire.leave(outer);
  }

  #isUsage(): boolean {
    return (
      this.#cpuNanocores >= 0 &&
      this.#memoryWorkingSetBytes >= 0 &&
      this.#windowUsec > 0 &&
      this.#swapBytes >= absent
    );
  }

  #usage(): CheckedUsage | undefined {
    if (!this.#isUsage()) return undefined;
    return {
      cpuNanocores: this.#cpuNanocores,
      memoryWorkingSetBytes: this.#memoryWorkingSetBytes,
      swapBytes: this.#swapBytes === absent ? undefined : this.#swapBytes,
      windowUsec: this.#windowUsec,
    };
  }

  /** @returns undefined where it is no such name */
  #text(before: string | undefined, isSound: (text: string) => boolean): string | undefined {
    const wire = this.#wire;
    const length = wire.length();
    const begin = wire.position;
    wire.position += length;
    if (before !== undefined && isText(wire.bytes, begin, length, before)) return before;
    if (length > longestName) return undefined;
    // As Latin-1 every byte is a character: one that is not ASCII is then not in a name either.
    const text = wire.bytes.toString('latin1', begin, begin + length);
    return isSound(text) ? text : undefined;
  }

  #once(pods: readonly CheckedPod[]): readonly CheckedPod[] {
    const seen = new Set<string>();
    return pods.filter(({ uid, namespace, name }) => {
      const key = this.#isPulled ? `${namespace}/${name}` : uid;
      if (!seen.has(key)) return seen.add(key);
      this.#refused.push('pod twice in one report');
      return false;
    });
  }
}
