import type { BenchOptions } from '../bench.ts';
import type { Goal } from '../figures.ts';
import type { ClusterSize } from '../list-cluster.ts';

/** One cluster that is measured, and what it should take. */
export interface IngestCase {
  readonly size: ClusterSize;
  readonly cpu?: Goal;
  readonly rss?: Goal;
  readonly whole?: Goal;
  readonly throughput?: Goal;
}

const usualPodsPerNode = 30;
const cases: readonly IngestCase[] = [
  { size: { nodes: 100, pods: 7_000 }, cpu: { atMost: 15 }, rss: { atMost: 120 } },
  { size: { nodes: 1_000, pods: 30_000 } },
  {
    size: { nodes: 5_000, pods: 150_000 },
    ...{
      cpu: { atMost: 300 },
      rss: { atMost: 800 },
      whole: { atMost: 15 },
      throughput: { atLeast: 250_000 },
    },
  },
];

/** @throws when a flag's value cannot be */
export function wantedCases(flag: BenchOptions['flag']): readonly IngestCase[] {
  const nodes = wantedNumber(flag, '--nodes', undefined);
  const podsPerNode = wantedNumber(flag, '--pods-per-node', undefined);
  if (nodes === undefined) {
    if (podsPerNode !== undefined) throw new Error('expected --nodes beside --pods-per-node');
    return cases;
  }
  const usual = cases.find(({ size }) => size.nodes === nodes);
  if (podsPerNode === undefined && usual !== undefined) return [usual];
  return [{ size: { nodes, pods: nodes * (podsPerNode ?? usualPodsPerNode) } }];
}

/** A whole number above 0. @throws for anything else */
export function wantedNumber<Usual extends number | undefined>(
  flag: BenchOptions['flag'],
  name: string,
  usual: Usual,
): number | Usual {
  const text = flag(name);
  if (text === undefined) return usual;
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`expected a whole number above 0 for ${name}, found "${text}"`);
}
