import { setTimeout as sleep } from 'node:timers/promises';
import { errorWords } from '@tacho/command-line';
import type { Cluster } from '../rig/cluster.ts';

/** One item of metrics.k8s.io, nodes or pods. */
export interface MetricsItem {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly timestamp: string;
  readonly window: string;
  readonly usage?: Readonly<Record<string, string>>;
  readonly containers?: readonly {
    readonly name: string;
    readonly usage: Readonly<Record<string, string>>;
  }[];
}

export const metricsPath = '/apis/metrics.k8s.io/v1';

/** Lists `nodes`, `pods` or `namespaces/x/pods`. @throws when the answer is not 200 */
export async function listMetrics(cluster: Cluster, resource: string): Promise<readonly MetricsItem[]> {
  const { status, body } = await cluster.api.get(`${metricsPath}/${resource}`);
  if (status !== 200) throw new Error(`Cannot list ${resource}: ${status} ${body}`);
  return (JSON.parse(body) as { items: MetricsItem[] }).items;
}

/** How old a sample, cut to whole seconds by the API, was when it was asked for: a slow answer does not age it. */
export const ageSeconds = (item: MetricsItem, askedMs: number): number =>
  (askedMs - Date.parse(item.timestamp)) / 1000;

/** What a series of reads saw. */
export interface ReadsSeen {
  readonly reads: number;
  /** Reads that failed, with status and text. */
  readonly failures: readonly string[];
  /** For each name of `expected` that a read lacked: how many reads lacked it. */
  readonly missing: ReadonlyMap<string, number>;
  /** By name, the oldest that an item was when it was read, in seconds. */
  readonly oldestSeconds: ReadonlyMap<string, number>;
}

/**
 * Reads a list so many times a second until stopped, each read by itself: a slow one does not hold the next one back.
 * @param expected names that every read has to contain
 */
export function keepReading(
  cluster: Cluster,
  { resource, perSecond, expected }: { resource: string; perSecond: number; expected: readonly string[] },
): { count(): number; stop(): Promise<ReadsSeen> } {
  const stopping = new AbortController();
  const failures: string[] = [];
  const missing = new Map<string, number>();
  const oldestSeconds = new Map<string, number>();
  const open = new Set<Promise<void>>();
  let reads = 0;
  const read = async () => {
    const askedMs = Date.now();
    try {
      const items = await listMetrics(cluster, resource);
      const names = new Set(items.map(({ metadata }) => metadata.name));
      for (const name of expected) if (!names.has(name)) missing.set(name, (missing.get(name) ?? 0) + 1);
      for (const item of items) {
        const { name } = item.metadata;
        oldestSeconds.set(name, Math.max(oldestSeconds.get(name) ?? 0, ageSeconds(item, askedMs)));
      }
    } catch (error) {
      failures.push(`${new Date().toISOString()} ${errorWords(error)}`);
    }
  };
  const running = (async () => {
    const startMs = performance.now();
    while (!stopping.signal.aborted) {
      const one = read().finally(() => open.delete(one));
      open.add(one);
      reads += 1;
      const nextMs = startMs + (reads * 1000) / perSecond;
      await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal: stopping.signal }).catch(
        () => undefined,
      );
    }
    await Promise.all(open);
  })();
  return {
    count: () => reads,
    async stop() {
      stopping.abort();
      await running;
      return { reads, failures, missing, oldestSeconds };
    },
  };
}
