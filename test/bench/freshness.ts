import { setTimeout as sleep } from 'node:timers/promises';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import { startOneMachine } from '../one-machine/one-machine.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { type Figure, figure, mean, percentile } from './figures.ts';

const phases = 20;
const readEveryMs = 100;
/** The agent's first ticks come closer together than its period: they would flatter the figure. */
const settleMs = 10_000;
const cases = [
  { resolution: '5s', periodMs: 5_000, readForMs: 20_000, meanS: 3.2, p95S: 5.7 },
  { resolution: '1s', periodMs: 1_000, readForMs: 10_000, meanS: 1.2, p95S: 1.9 },
];

/** How old what the API serves is when it is read. */
export const freshness: Bench = {
  name: 'freshness',
  summary: `age of what the API serves, read every ${readEveryMs} ms, pooled over ${phases} agents of random phase`,
  runs: 3,
  measure,
};

async function measure({ runs, progress }: BenchOptions): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const each of cases) {
    const means: number[] = [];
    const p95s: number[] = [];
    const counts: number[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(
        `period ${each.resolution}, run ${run} of ${runs}: ${phases} agents start one after the other`,
      );
      const ages = await agesSeconds(each, progress);
      means.push(mean(ages));
      p95s.push(percentile(ages, 0.95));
      counts.push(ages.length);
    }
    figures[`mean age at ${each.resolution}`] = figure(means, 's', { atMost: each.meanS });
    figures[`p95 age at ${each.resolution}`] = figure(p95s, 's', { atMost: each.p95S });
    figures[`ages read at ${each.resolution}`] = figure(counts, 'ages');
  }
  return figures;
}

/** Ages in seconds, one per node and read. */
async function agesSeconds(
  { resolution, periodMs, readForMs }: (typeof cases)[number],
  progress: (step: string) => void,
): Promise<readonly number[]> {
  await using machine = await startOneMachine({ metricResolution: resolution, pods: [] });
  const reader = createMetricsReader(machine.apiserver);
  try {
    for (let agent = 1; agent < phases; agent += 1) {
      await sleep(Math.random() * Math.min(periodMs, 2_000));
      machine.addNode(`phase-${agent}`);
    }
    progress('waiting until every agent is in its stride');
    await sleep(settleMs);
    progress(`reading for ${readForMs / 1000} s`);
    const ages: number[] = [];
    const end = performance.now() + readForMs;
    let next = performance.now();
    while (performance.now() < end) {
      const { items } = await reader.nodes();
      const nowMs = Date.now();
      if (items.length !== phases)
        throw new Error(`expected ${phases} nodes in each answer, found ${items.length}`);
      for (const { timestamp } of items) ages.push((nowMs - Date.parse(timestamp)) / 1000);
      next += readEveryMs;
      await sleep(Math.max(0, next - performance.now()));
    }
    return ages;
  } finally {
    reader.close();
  }
}
