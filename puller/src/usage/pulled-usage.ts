import type { NodeReport, PodUsage } from '@tacho/proto';
import type { ContainerReading } from '../exposition/reading.ts';
import type { ResourceReadings } from '../exposition/resource-reader.ts';
import { CounterRate } from './counter-rate.ts';
import { type Exchange, KubeletClock } from './kubelet-clock.ts';

/** What was sampled longer ago says nothing of the present; cAdvisor samples three times in it, however slow it is. */
const oldestMs = 60_000;

/** A pod as it was last rated as a whole. Its instant is that of its oldest container, as metrics-server has it. */
interface RatedPod {
  readonly usage: PodUsage;
  readonly sampledMs: number;
}

/** What was made of a pull. */
export interface Pulled {
  /** Undefined where nothing is new. */
  readonly report: NodeReport | undefined;
  /** Pods without a rate: their containers are new, or what the kubelet says of one cannot be used. */
  readonly podsLeftOut: number;
}

/** One node's counters over the pulls, and what is reported of them. Instants are on the puller's monotonic clock. */
export class PulledUsage {
  readonly #clock = new KubeletClock();
  readonly #node = new CounterRate();
  /** Both are kept from pull to pull, with their keys: made anew, they would be most of what the collector has to do. */
  readonly #containers = new Map<string, CounterRate>();
  readonly #pods = new Map<string, RatedPod>();
  #reportedUsec = 0;

  /** @param periodMs how often the node is pulled */
  take(readings: ResourceReadings, exchange: Exchange, periodMs: number): Pulled {
    const nowMs = exchange.answeredMs;
    if (this.#clock.observe(exchange)) {
      for (const rate of [this.#node, ...this.#containers.values()]) rate.beginAnew();
    }
    const toMonotonicMs = (kubeletMs: number) => this.#clock.toMonotonicMs(kubeletMs);
    let isNew = this.#node.take(readings.node, toMonotonicMs, nowMs);
    const seen = new Set<CounterRate>();
    const byPod = new Map<string, [ContainerReading, CounterRate][]>();
    for (const reading of readings.containers) {
      const podKey = `${reading.namespace} ${reading.pod}`;
      const key = `${podKey} ${reading.container}`;
      let rate = this.#containers.get(key);
      if (rate === undefined) {
        rate = new CounterRate();
        this.#containers.set(key, rate);
      }
      seen.add(rate);
      if (rate.take(reading, toMonotonicMs, nowMs)) isNew = true;
      const pod = byPod.get(podKey);
      if (pod === undefined) byPod.set(podKey, [[reading, rate]]);
      else pod.push([reading, rate]);
    }
    for (const [key, rate] of this.#containers) if (!seen.has(rate)) this.#containers.delete(key);
    for (const key of this.#pods.keys()) if (!byPod.has(key)) this.#pods.delete(key);
    let podsLeftOut = 0;
    for (const [key, containers] of byPod) {
      // While one of its containers has no rate, just restarted, the pod is what it was.
      const rated = ratedPod(containers) ?? this.#pods.get(key);
      if (rated !== undefined && nowMs - rated.sampledMs <= oldestMs) this.#pods.set(key, rated);
      else {
        this.#pods.delete(key);
        podsLeftOut += 1;
      }
    }
    return { report: isNew ? this.#report(nowMs, periodMs) : undefined, podsLeftOut };
  }

  #report(nowMs: number, periodMs: number): NodeReport | undefined {
    const { rated } = this.#node;
    const node = typeof rated === 'string' || nowMs - rated.sampledMs > oldestMs ? undefined : rated;
    const newestMs = Math.max(
      node?.sampledMs ?? Number.NEGATIVE_INFINITY,
      ...[...this.#pods.values()].map(({ sampledMs }) => sampledMs),
    );
    if (!Number.isFinite(newestMs)) return undefined;
    // Each report is of a later instant than the one before; how old its parts are it says of each.
    const atUsec = Math.max(this.#reportedUsec + 1, Math.round(newestMs * 1_000));
    this.#reportedUsec = atUsec;
    const olderUsec = (sampledMs: number) => Math.max(0, atUsec - Math.round(sampledMs * 1_000));
    return {
      sampleMonotonicUsec: atUsec,
      ...(node === undefined ? {} : { node: node.usage, nodeOlderByUsec: olderUsec(node.sampledMs) }),
      pods: [...this.#pods.values()].map(({ usage, sampledMs }) => ({
        ...usage,
        olderByUsec: olderUsec(sampledMs),
      })),
      periodUsec: periodMs * 1_000,
    };
  }
}

function ratedPod(all: readonly (readonly [ContainerReading, CounterRate])[]): RatedPod | undefined {
  const containers: PodUsage['containers'] = [];
  let sampledMs = Number.POSITIVE_INFINITY;
  for (const [{ container: name }, { rated }] of all) {
    if (typeof rated === 'string') return undefined;
    containers.push({ name, usage: rated.usage });
    sampledMs = Math.min(sampledMs, rated.sampledMs);
  }
  const [first] = all;
  if (first === undefined) return undefined;
  const [{ namespace, pod: name }] = first;
  return { usage: { namespace, name, uid: '', containers }, sampledMs };
}
