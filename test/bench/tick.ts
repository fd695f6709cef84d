import { dirname } from 'node:path';
import { bootGuest, whyNoGuest } from '../kernel/uml/boot-guest.ts';
import type { Bench, BenchOptions, BenchResult } from './bench.ts';
import type { Figure } from './figures.ts';
import { compilePreads, temporaryFolder } from './preads.ts';
import { measureTicks } from './tick-measure.ts';

const sizes = [250, 1_000];
/** Boot, starting 1,500 processes on one slow processor, and measuring. */
const guestMs = 900_000;
const repository = dirname(dirname(import.meta.dirname));

/** What one tick of the agent costs beside the kernel's own part of it. */
export const tick: Bench = {
  name: 'tick',
  summary:
    'one tick over 250 and 1,000 real containers against a C program that reads the same files, here and on cgroup v2',
  runs: 7,
  flags: {
    '--containers': 'measure this many only',
    '--here': 'on this kernel only, not in a guest with cgroup v2',
  },
  measure,
};

async function measure(options: BenchOptions): Promise<Record<string, Figure>> {
  const { flag, progress, runs } = options;
  const given = flag('--containers');
  const containers = given === undefined ? sizes : [Number(given)];
  if (containers.some((count) => !(count >= 2 && count % 2 === 0))) {
    throw new Error(`expected an even number above 0 for --containers, found "${given}"`);
  }
  using folder = temporaryFolder();
  const program = compilePreads(folder.path);
  if (program === undefined) progress('there is no cc here: nothing to compare with but Node’s own preads');
  const figures: Record<string, Figure> = {};
  for (const count of containers) {
    Object.assign(figures, await measureTicks(count, { program, runs, progress }));
  }
  if (flag('--here') === undefined) {
    for (const count of containers) Object.assign(figures, await inGuest(count, options));
  }
  return figures;
}

/** The same on a kernel of its own with pure cgroup v2. */
async function inGuest(count: number, { runs, progress }: BenchOptions): Promise<Record<string, Figure>> {
  const reason = whyNoGuest();
  if (reason !== undefined) {
    progress(`not measured on cgroup v2: ${reason}`);
    return {};
  }
  progress(`${count} containers on cgroup v2: booting a guest`);
  const args = ['tick', '--json', '--here', `--containers=${count}`, `--runs=${runs}`];
  const guest = await bootGuest({
    command: [process.execPath, 'test/bench/main.ts', ...args],
    workingDirectory: repository,
    timeoutMs: guestMs,
    onOutput: (text) => {
      for (const line of text.split('\n'))
        if (line.startsWith('tick: ')) progress(`in the guest: ${line.slice(6)}`);
    },
  });
  const line =
    guest.kind === 'ended' ? guest.output.split('\n').find((each) => each.startsWith('{')) : undefined;
  if (line === undefined) {
    throw new Error(`the guest measured nothing: ${guest.kind === 'ended' ? guest.output : guest.reason}`);
  }
  return (JSON.parse(line) as BenchResult).figures;
}
