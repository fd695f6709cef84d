import { join } from 'node:path';
import type { CgroupSignals } from '../src/cgroup-signals.ts';
import { type FileCalls, hostFileCalls } from '../src/file-calls.ts';
import type { LegacyLayout } from '../src/layout.ts';
import type { SignalHierarchies } from '../src/signal-hierarchies.ts';
import { createSignalReader } from '../src/signal-reader.ts';
import type { FixtureTree } from './fixture-tree.ts';

export function finish<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function kernel(tree: FixtureTree, release: string): string {
  tree.write('proc/sys/kernel/osrelease', `${release}\n`);
  return join(tree.directory, 'proc');
}

export function readV2(
  tree: FixtureTree,
  release = '6.18.0',
  calls: FileCalls = hostFileCalls,
  child?: string,
) {
  const layout = { mode: 'v2', directory: tree.directory } as const;
  const reader = createSignalReader(layout, { procDirectory: kernel(tree, release), calls });
  return finish(reader.cgroup('web', child));
}

export function readV1(tree: FixtureTree, hierarchies: SignalHierarchies, release = '6.18.0') {
  const at = (name: string) => join(tree.directory, name);
  const layout: LegacyLayout = {
    mode: 'hybrid',
    memoryDirectory: at('memory'),
    cpuacctDirectory: at('cpuacct'),
    cpuDirectory: at('cpu'),
  };
  const reader = createSignalReader(layout, { procDirectory: kernel(tree, release), hierarchies });
  return { cgroup: finish(reader.cgroup('web')), root: finish(reader.root()) };
}

export function signalsOf(reading: ReturnType<typeof readV2>): CgroupSignals {
  if (reading === 'gone') throw new Error('Expected signals, found gone');
  return reading.signals;
}

export const values = (signals: object) =>
  Object.fromEntries(
    Object.entries(signals).map(([name, signal]) => [
      name,
      signal.status === 'ok' ? signal.value : signal.status,
    ]),
  );
export const below = (folder: string, texts: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text]));
