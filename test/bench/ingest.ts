import type { Bench, BenchOptions } from './bench.ts';
import { Bundle } from './bundled-agent.ts';
import { type Figure, figure } from './figures.ts';
import { type Add, caseParts, measureCase, type Wanted } from './ingest/case-figures.ts';
import { wantedCases, wantedNumber } from './ingest/cases.ts';
import { Fleet } from './ingest/fleet.ts';

const usualSeconds = 60;

/** What taking reports costs the aggregator. */
export const ingest: Bench = {
  name: 'ingest',
  summary:
    'agents in processes of their own push to the bundled aggregator: CPU, memory, delay, restart, throughput',
  runs: 3,
  flags: {
    '--nodes': 'one cluster of so many nodes instead of 100, 1,000 and 5,000',
    '--pods-per-node': 'with --nodes; by default 70 for 100 nodes, else 30',
    '--seconds': `how long each window is measured, ${usualSeconds} by default`,
    '--only': `only this one of ${caseParts.join(', ')}`,
    '--node-flags':
      'flags of Node for the aggregator, separated by commas; it ends in order when all is measured',
  },
  measure,
};

async function measure({ runs, progress, flag }: BenchOptions): Promise<Record<string, Figure>> {
  const cases = wantedCases(flag);
  const seconds = wantedNumber(flag, '--seconds', usualSeconds);
  const only = flag('--only');
  if (only !== undefined && !caseParts.some((part) => part === only))
    throw new Error(`expected one of ${caseParts.join(', ')} for --only, found "${only}"`);
  const wanted: Wanted = { runs, seconds, has: (part) => only === undefined || only === part };
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => interrupted.abort(new Error(`interrupted by ${signal}`)));
  }
  const nodeFlags = flag('--node-flags')?.split(',').filter(Boolean) ?? [];
  progress('bundling');
  using bundle = await Bundle.make();
  const figures: Record<string, Figure> = {};
  const memory: { readonly nodes: number; readonly rssKiB: number }[] = [];
  for (const each of cases) {
    const { nodes, pods } = each.size;
    const what = `${nodes} nodes × ${pods / nodes} pods`;
    progress(`${what}: making the cluster`);
    const options = { bundle, nodeFlags, size: each.size, signal: interrupted.signal };
    await using fleet = await Fleet.start(options);
    const add: Add = (name, values, unit, goal = {}) => {
      figures[`${what}: ${name}`] = figure(values, unit, goal);
      const limit = goal.atMost ?? goal.atLeast;
      if (limit === undefined) return;
      figures[`${what}: ${name}, of the goal`] = figure(
        values.map((value) => value / limit),
        '×',
      );
    };
    const say = (step: string) => progress(`${what}: ${step}`);
    const rssMiB = await measureCase(each, { fleet, wanted, add, say });
    if (rssMiB !== undefined) memory.push({ nodes, rssKiB: rssMiB * 1024 });
  }
  for (const [at, after] of memory.slice(1).entries()) {
    const before = memory[at] as (typeof memory)[number];
    const slope = (after.rssKiB - before.rssKiB) / (after.nodes - before.nodes);
    figures[`RSS of a node more, from ${before.nodes} to ${after.nodes}`] = figure([slope], 'KiB');
  }
  return figures;
}
