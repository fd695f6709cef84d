import type { Bench, BenchOptions } from './bench.ts';
import { type Figure, figure } from './figures.ts';
import { soak as run, type Soak } from './soak-run.ts';

const usualBirths = 50_000;

/** What is left in the agent of containers that came and went. */
export const soak: Bench = {
  name: 'soak',
  summary: `${usualBirths} real containers come and go: descriptors and memory of the bundled agent before and after`,
  runs: 1,
  flags: { '--births': `another number than ${usualBirths}` },
  measure,
};

async function measure({ runs, progress, flag }: BenchOptions): Promise<Record<string, Figure>> {
  const births = Number(flag('--births') ?? usualBirths);
  if (!(births > 0)) throw new Error(`expected a number above 0 for --births, found "${flag('--births')}"`);
  const soaks: Soak[] = [];
  for (let each = 1; each <= runs; each += 1) soaks.push(await run(births, progress));
  const of = (value: (each: Soak) => number, unit: string, goal = {}) => figure(soaks.map(value), unit, goal);
  return {
    births: of((each) => each.births, 'containers'),
    'births a second': of((each) => each.birthsPerSecond, '/s'),
    'pods that were in a report': of((each) => each.seenShare * 100, '%', { atLeast: 100 }),
    'descriptors after a tenth': of(({ early }) => early.descriptors, 'descriptors'),
    'most descriptors later': of(({ most }) => most.descriptors, 'descriptors'),
    'descriptors without containers': of(({ end }) => end.descriptors, 'descriptors'),
    'RSS after a tenth': of(({ early }) => early.rssMiB, 'MiB'),
    'most RSS later': of(({ most }) => most.rssMiB, 'MiB'),
    'RSS without containers': of(({ end }) => end.rssMiB, 'MiB'),
    'anonymous after a tenth': of(({ early }) => early.anonymousMiB, 'MiB'),
    'most anonymous later': of(({ most }) => most.anonymousMiB, 'MiB'),
    'anonymous without containers': of(({ end }) => end.anonymousMiB, 'MiB'),
    'pods and containers still known': of((each) => each.knownAtEnd, '', { atMost: 0 }),
  };
}
