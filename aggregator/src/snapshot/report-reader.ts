import { MalformedMessage, WireReader } from '@tacho/proto';
import {
  type CheckedContainer,
  type CheckedOutcome,
  type CheckedPod,
  type CheckedUsage,
  isName,
  mostContainers,
  mostContainersPerPod,
  mostOlderUsec,
  mostPods,
  type ReportRefusal,
} from './checked-report.ts';
import { HeadsReading, hasNames, nameIn, noNames, PodNames, type ReportNames } from './report-names.ts';
import { absent, UsageReading } from './usage-reading.ts';

/** What could be used, with the names for the node's next report; or why nothing could be. */
export type ReadOutcome =
  | (Extract<CheckedOutcome, { readonly report: unknown }> & { readonly names: ReportNames })
  | { readonly reason: ReportRefusal };

/** Numbers of fields, as proto/tacho/v1/ingest.proto has them, with their wire types. */
const tags = {
  message: { report: 0x12, fields: 6 },
  report: { sample: 0x08, node: 0x12, pod: 0x1a, period: 0x20, nodeOlderBy: 0x28, fields: 5 },
  pod: { namespace: 0x0a, name: 0x12, uid: 0x1a, container: 0x22, olderBy: 0x28, fields: 5 },
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
export function readReport(message: Buffer, last: ReportNames = noNames): ReadOutcome {
  const wire = new WireReader(message);
  if (wire.tag() !== tags.message.report) throw new MalformedMessage('a message that is no report');
  const read = readNested(wire, last, false);
  // A second kind in the same message is as wrong as a field of a wrong type.
  while (wire.position < wire.end) wire.skip(wire.tag(), tags.message.fields);
  return read;
}

/**
 * Reads the message NodeReport that comes next, wherever it stands.
 * @param isPulled pods have no UID, and instants of their own
 */
export function readNested(wire: WireReader, last: ReportNames, isPulled: boolean): ReadOutcome {
  const outer = wire.enter();
  const { end } = wire;
  const read = new ReportReading(wire, last, isPulled).report();
  // Of a report that is refused the rest was not read.
  wire.position = end;
  wire.leave(outer);
  return read;
}

class ReportReading {
  readonly #wire: WireReader;
  readonly #heads: HeadsReading;
  readonly #isPulled: boolean;
  readonly #refused: ReportRefusal[] = [];
  readonly #usage: UsageReading;
  #containers = 0;

  constructor(wire: WireReader, last: ReportNames, isPulled: boolean) {
    this.#wire = wire;
    this.#heads = new HeadsReading(wire.bytes, last);
    this.#usage = new UsageReading(wire);
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
        const pod = this.#pod();
        if (this.#containers > mostContainers)
          return { reason: `report of more than ${mostContainers} containers` };
        if (typeof pod === 'string') this.#refused.push(pod);
        else pods.push(pod);
        names.push(typeof pod === 'string' ? undefined : pod.names);
      } else if (tag === tags.report.sample) sample = wire.count();
      else if (tag === tags.report.period) period = wire.count();
      else if (tag === tags.report.nodeOlderBy) nodeOlderByUsec = wire.count();
      else if (tag === tags.report.node) {
        this.#usage.read();
        node = this.#usage.copy() ?? 'refused';
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
    const once = this.#heads.areThose(names) ? pods : this.#once(pods);
    const report = {
      ...{ sampleMonotonicUsec: sample, node, pods: once },
      ...(period >= 0 && { periodUsec: period }),
      ...(this.#isPulled && node !== undefined && nodeOlderByUsec > 0 && { nodeOlderByUsec }),
    };
    const isOnce = once.length === pods.length;
    return { report, refused: this.#refused, names: isOnce ? this.#heads.names(names) : noNames };
  }

  #pod(): CheckedPod | ReportRefusal {
    const wire = this.#wire;
    const { before } = this.#heads;
    const outer = wire.enter();
    const begin = wire.position;
    const same = this.#heads.lengthOfSame(begin, wire.end);
    this.#heads.next(begin);
    let headEnd = begin + same;
    let isHead = true;
    let namespace = same > 0 ? before?.namespace : undefined;
    let name = same > 0 ? before?.name : undefined;
    let uid = this.#isPulled ? '' : same > 0 ? before?.uid : undefined;
    let olderByUsec = 0;
    let windowUsec = 0;
    let count = 0;
    const containers: CheckedContainer[] = [];
    wire.position = headEnd;
    while (wire.position < wire.end) {
      const at = wire.position;
      const tag = wire.tag();
      if (tag === tags.pod.container) {
        const container = this.#usage.container(before?.containers[count]);
        count += 1;
        this.#containers += 1;
        if (this.#containers > mostContainers) break;
        if (container === undefined || count > mostContainersPerPod) continue;
        containers.push(container);
        if (container.windowUsec > windowUsec) windowUsec = container.windowUsec;
        continue;
      }
      if (tag === tags.pod.namespace) namespace = nameIn(wire, before?.namespace, isName);
      else if (tag === tags.pod.name) name = nameIn(wire, before?.name, isName);
      else if (tag === tags.pod.uid) {
        const given = nameIn(wire, before?.uid, isName);
        if (!this.#isPulled) uid = given;
      } else {
        if (tag === tags.pod.olderBy) olderByUsec = wire.count();
        else wire.skip(tag, tags.pod.fields);
        continue;
      }
      if (at === headEnd) headEnd = wire.position;
      else isHead = false;
    }
    wire.leave(outer);
    if (namespace === undefined || name === undefined || uid === undefined)
      return 'pod without namespace, name or UID';
    if (count === 0) return 'pod without containers';
    if (count > mostContainersPerPod) return `pod of more than ${mostContainersPerPod} containers`;
    if (containers.length < count) return 'container without name or complete usage';
    const keeps = hasNames(containers, before);
    if (!keeps && new Set(containers.map((each) => each.name)).size < count)
      return 'container twice in one pod';
    // Where a name stands behind other fields too, the head by itself may say another one.
    const headLength = isHead ? headEnd - begin : 0;
    const names =
      keeps && before.isOf(namespace, name, uid, headLength)
        ? before
        : new PodNames(namespace, name, uid, containers, headLength);
    const pod = { namespace, name, uid, windowUsec, containers, names };
    // An agent samples all at once.
    if (!this.#isPulled || olderByUsec === 0) return pod;
    if (!(olderByUsec < mostOlderUsec)) return 'pulled sample 10 minutes older than its report';
    return { ...pod, olderByUsec };
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
