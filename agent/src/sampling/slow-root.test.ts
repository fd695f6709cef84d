import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCgroupTree, type FileCalls, hostFileCalls, type LegacyLayout } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { SlowFiles } from '../signals/slow-files.ts';
import { second, windowUsec } from './fixture-node.ts';
import { Sampler } from './sampler.ts';

const mib = 1024 * 1024;

/** A cgroup v1 machine whose root memory.stat takes three seconds. */
function slowMachine() {
  const directory = mkdtempSync(join(tmpdir(), 'tacho-slow-root-'));
  const at = (name: string) => join(directory, name);
  const write = (name: string, text: string) => writeFileSync(at(name), text);
  const state = { nowUsec: 100 * second, slowReads: 0, aside: 0 };
  mkdirSync(at('memory'));
  mkdirSync(at('cpuacct'));
  write('cpuacct/cpuacct.usage', '0\n');
  write('memory/memory.usage_in_bytes', `${10 * mib}\n`);
  write('memory/memory.stat', `total_inactive_file ${mib}\ntotal_swap 0\n`);
  const slow = new Set<number>();
  const calls: FileCalls = {
    ...hostFileCalls,
    open(path) {
      const fd = hostFileCalls.open(path);
      if (path.endsWith('memory.stat')) slow.add(fd);
      return fd;
    },
    read(fd, buffer) {
      if (slow.has(fd)) {
        state.slowReads += 1;
        state.nowUsec += 3 * second;
      }
      return hostFileCalls.read(fd, buffer);
    },
  };
  const clock = () => state.nowUsec;
  const files = new SlowFiles(
    {
      ...{ calls, monotonicUsec: clock, busyUsec: clock },
      readAside: (path) => {
        state.aside += 1;
        return readFile(path);
      },
    },
    { slowUsec: 100_000, isWatched: (path) => path === at('memory/memory.stat') },
  );
  const layout: LegacyLayout = {
    mode: 'v1',
    memoryDirectory: at('memory'),
    cpuacctDirectory: at('cpuacct'),
    cpuDirectory: undefined,
  };
  const sampler = new Sampler({
    tree: createCgroupTree(layout, { monotonicUsec: clock, calls: files.calls }),
    containers: { cgroups: () => [], name: () => undefined, gone: () => undefined },
    ...{ monotonicUsec: clock, wallMs: () => 0, cpus: 2 },
  });
  return {
    ...{ state, files, write },
    tick() {
      sampler.discover(windowUsec);
      return sampler.sample(windowUsec).report.node;
    },
    close() {
      sampler.close();
      rmSync(directory, { recursive: true });
    },
  };
}

test('a root memory.stat that takes seconds holds up one tick; later ones use its last text with all else fresh', async () => {
  const { state, files, write, tick, close } = slowMachine();
  try {
    tick();
    for (let count = 1; count <= 29; count += 1) {
      state.nowUsec += 5 * second;
      const beforeUsec = state.nowUsec;
      write('cpuacct/cpuacct.usage', `${count * 2_500_000_000}\n`);
      write('memory/memory.usage_in_bytes', `${(10 + count) * mib}\n`);
      const node = tick();
      expect(state.nowUsec).toBe(beforeUsec);
      expect(node?.memoryWorkingSetBytes).toBe((9 + count) * mib);
    }
    expect([state.slowReads, state.aside]).toEqual([1, 0]);
    expect(files.list()).toMatchObject([{ tookUsec: 3 * second, ageUsec: 145 * second }]);
    write('memory/memory.stat', `total_inactive_file ${5 * mib}\ntotal_swap 0\n`);
    state.nowUsec += 5 * second;
    tick();
    expect(state.aside).toBe(1);
    await eventually(() => expect(files.list()).toEqual([]));
    expect(tick()?.memoryWorkingSetBytes).toBe((39 - 5) * mib);
  } finally {
    close();
  }
});
