import { type Goal, percentile } from '../figures.ts';
import type { IngestCase } from './cases.ts';
import type { Fleet } from './fleet.ts';
import {
  checkNothingIsMissing,
  checkWindow,
  measureConnecting,
  measureDelays,
  measureRestart,
  measureWindow,
  type Window,
} from './measure.ts';

const periodMs = 5_000;
const settleMs = 15_000;
/** Of the throughput, at the shortest period that there is. */
const denseSeconds = 20;
export const caseParts = ['steady', 'delay', 'restart', 'throughput'] as const;

/** What of a case is measured, and how often and for how long. */
export interface Wanted {
  readonly runs: number;
  readonly seconds: number;
  readonly has: (part: (typeof caseParts)[number]) => boolean;
}

/** Notes the values of a figure, one for each run. */
export type Add = (name: string, values: readonly number[], unit: string, goal?: Goal) => void;

/** What measuring a case needs. */
export interface Measuring {
  readonly fleet: Fleet;
  readonly wanted: Wanted;
  readonly add: Add;
  readonly say: (step: string) => void;
}

/**
 * Measures one cluster from the connecting of its agents on.
 * @returns RSS in the steady windows, median
 * @throws when a report is missing, since then less was done than the figures would say
 */
export async function measureCase(each: IngestCase, measuring: Measuring): Promise<number | undefined> {
  const { add, fleet, say, wanted } = measuring;
  add('containers of a node', [fleet.containers / fleet.size.nodes], 'containers');
  say(`${fleet.size.nodes} agents connect`);
  const { cpuUsecEach } = await measureConnecting(fleet);
  add('CPU for each connection with its first report', [cpuUsecEach], 'µs');
  await fleet.sleep(settleMs);
  const rssMiB = wanted.has('steady') ? await steady(each, measuring) : undefined;
  if (wanted.has('delay')) await delay(measuring);
  if (wanted.has('restart')) await restart(each, measuring);
  if (wanted.has('throughput')) await throughput(each, measuring);
  return rssMiB;
}

async function steady({ cpu, rss }: IngestCase, { add, fleet, say, wanted }: Measuring): Promise<number> {
  const taken: Window[] = [];
  for (let run = 1; run <= wanted.runs; run += 1) {
    say(`window ${run} of ${wanted.runs}: ${wanted.seconds} s`);
    const window = await measureWindow(fleet, wanted.seconds);
    checkWindow(fleet, window, periodMs);
    taken.push(window);
  }
  await checkNothingIsMissing(fleet);
  const of = (value: (each: Window) => number) => taken.map(value);
  const rssMiB = of((each) => each.rssMiB);
  add(
    'CPU',
    of(({ millicores }) => millicores),
    'mCPU',
    cpu,
  );
  add('RSS', rssMiB, 'MiB', rss);
  add(
    'anonymous',
    of(({ anonymousMiB }) => anonymousMiB),
    'MiB',
  );
  add(
    'CPU for each report',
    of(({ cpuUsecPerReport }) => cpuUsecPerReport),
    'µs',
  );
  add(
    'reports',
    of(({ reportsPerSecond }) => reportsPerSecond),
    '/s',
  );
  add(
    'CPU of the agents beside it',
    of(({ agentsMillicores }) => agentsMillicores),
    'mCPU',
  );
  return percentile(rssMiB, 0.5);
}

async function delay({ add, fleet, say, wanted }: Measuring): Promise<void> {
  for (const [name, real] of [
    ['', false],
    [' (grpc-js)', true],
  ] as const) {
    const runs: {
      readonly p50: number;
      readonly p99: number;
      readonly read: number;
      readonly count: number;
    }[] = [];
    for (let run = 1; run <= wanted.runs; run += 1) {
      say(`delay${name}, run ${run} of ${wanted.runs}: ${wanted.seconds} s`);
      const delays = await measureDelays(fleet, wanted.seconds, real);
      const of = (share: number) =>
        percentile(
          delays.map(({ delayMs }) => delayMs),
          share,
        );
      const read = percentile(
        delays.map(({ readMs }) => readMs),
        0.5,
      );
      runs.push({ p50: of(0.5), p99: of(0.99), read, count: delays.length });
    }
    add(
      `median delay until visible${name}`,
      runs.map(({ p50 }) => p50),
      'ms',
    );
    // Of the few real agents there are too few samples for a 99th percentile.
    if (!real)
      add(
        'p99 delay until visible',
        runs.map(({ p99 }) => p99),
        'ms',
      );
    add(
      `resolution of the delay: one read${name}`,
      runs.map(({ read }) => read),
      'ms',
    );
    add(
      `samples of the delay${name}`,
      runs.map(({ count }) => count),
      'samples',
    );
  }
}

async function restart({ whole }: IngestCase, { add, fleet, say, wanted }: Measuring): Promise<void> {
  const taken: Awaited<ReturnType<typeof measureRestart>>[] = [];
  for (let run = 1; run <= wanted.runs; run += 1) {
    say(`restart ${run} of ${wanted.runs}`);
    taken.push(await measureRestart(fleet, `${periodMs / 1000}s`));
    await fleet.sleep(settleMs);
    await checkNothingIsMissing(fleet);
  }
  add(
    'whole after a restart, from listening',
    taken.map(({ sinceListeningMs }) => sinceListeningMs / 1000),
    's',
    whole,
  );
  add(
    'whole after a restart, from its start',
    taken.map(({ sinceStartMs }) => sinceStartMs / 1000),
    's',
  );
  add(
    'CPU until whole after a restart',
    taken.map(({ cpuMs }) => cpuMs / 1000),
    's',
  );
}

async function throughput(
  { throughput: goal }: IngestCase,
  { add, fleet, say, wanted }: Measuring,
): Promise<void> {
  await measureRestart(fleet, '1s');
  await fleet.sleep(settleMs);
  const taken: Window[] = [];
  for (let run = 1; run <= wanted.runs; run += 1) {
    say(`throughput at a period of 1 s, window ${run} of ${wanted.runs}: ${denseSeconds} s`);
    taken.push(await measureWindow(fleet, denseSeconds));
  }
  const containers = fleet.containers / fleet.size.nodes;
  add(
    'containers per second of CPU, at 1 s',
    taken.map((each) => (containers * 1e6) / each.cpuUsecPerReport),
    '/s',
    goal,
  );
  add(
    'containers taken, at 1 s',
    taken.map((each) => containers * each.reportsPerSecond),
    '/s',
  );
  add(
    'CPU, at 1 s',
    taken.map(({ millicores }) => millicores),
    'mCPU',
  );
}
