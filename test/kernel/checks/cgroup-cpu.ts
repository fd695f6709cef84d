import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cgroup, CgroupUsage } from 'node-cgroup-stats';
import { createCgroupTree, createCgroupUsage, elapsedNanoseconds } from 'node-cgroup-stats';
import type { KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { cpuNanosecondsOf, readKernelText } from './kernel-text.ts';
import { isV2, withCgroup } from './opened-cgroup.ts';

const SPIN_WINDOW_MS = 6000;
/** A machine with other work may give the spinner less than its quota for a while. */
const MOST_WINDOWS = 6;

const cpuFileOf = (context: KernelContext) => (isV2(context) ? 'cpu.stat' : 'cpuacct.usage');
const nanosecondsOf = (usage: CgroupUsage) =>
  BigInt(usage.usageSeconds) * 1_000_000_000n + BigInt(usage.usageNanoseconds);

/** Reads between two readings of the text, which may only grow, and asserts that ours lies between them. */
function readCpuBetween(path: string, opened: Cgroup, usage: CgroupUsage): bigint {
  const before = cpuNanosecondsOf(readKernelText(path) ?? '');
  assert.equal(opened.read(usage), 'ok');
  const after = cpuNanosecondsOf(readKernelText(path) ?? '');
  assert.equal(usage.cpuStatus, 'ok');
  const ours = nanosecondsOf(usage);
  assert.ok(before <= ours && ours <= after, `expected ${before} <= ${ours} <= ${after} of ${path}`);
  return before;
}

const freshCpuIsZero: KernelCheck = {
  name: 'the CPU time of a fresh cgroup is zero, which is not absent',
  needs: [],
  run: (context) =>
    withCgroup(context, 'fresh', (_, opened, usage) => {
      assert.equal(opened.read(usage), 'ok');
      assert.deepEqual([usage.cpuStatus, usage.usageSeconds, usage.usageNanoseconds], ['ok', 0, 0]);
    }),
};

const cpuEqualsFile: KernelCheck = {
  name: 'the CPU time lies between two readings of the file while a process spins',
  needs: [],
  run: (context) =>
    withCgroup(context, 'cpu', async (made, opened, usage) => {
      const child = startInCgroup(made, `process.stdout.write('on'); for (;;);`);
      try {
        await child.firstOutput;
        for (let count = 0; count < 200; count += 1)
          readCpuBetween(made.file(cpuFileOf(context)), opened, usage);
        assert.ok(nanosecondsOf(usage) > 0n, 'expected a spinning process to use CPU time');
      } finally {
        await child.end();
      }
    }),
};

const rootCpu: KernelCheck = {
  name: 'the CPU time of the root lies between two readings of its file',
  needs: [],
  run: async (context) => {
    const root = createCgroupTree(context.layout).openRoot();
    try {
      const usage = createCgroupUsage();
      for (let count = 0; count < 20; count += 1)
        readCpuBetween(context.rootFile(cpuFileOf(context)), root, usage);
    } finally {
      root.close();
    }
  },
};

const quarterOfACore: KernelCheck = {
  name: 'a spinner held to a quarter of a core is seen to use 0.24 to 0.26, as its own counter says',
  needs: ['cpu'],
  run: (context) =>
    withCgroup(context, 'quota', async (made, opened, from) => {
      const path = made.file(cpuFileOf(context));
      made.limitCores(0.25);
      const child = startInCgroup(made, `process.stdout.write('on'); for (;;);`);
      try {
        await child.firstOutput;
        await wait(1000);
        const to = createCgroupUsage();
        let cores = 0;
        for (let windows = 0; windows < MOST_WINDOWS && cores < 0.24; windows += 1) {
          const directFrom = readCpuBetween(path, opened, from);
          await wait(SPIN_WINDOW_MS);
          const directTo = readCpuBetween(path, opened, to);
          const elapsed = (to.sampledAtUsec - from.sampledAtUsec) * 1000;
          cores = elapsedNanoseconds(from, to) / elapsed;
          const directCores = Number(directTo - directFrom) / elapsed;
          assert.ok(Math.abs(cores - directCores) < 0.002, `expected ${directCores} cores, found ${cores}`);
          assert.ok(cores <= 0.26, `expected 0.24 to 0.26 cores, found ${cores}`);
        }
        assert.ok(cores >= 0.24, `expected 0.24 to 0.26 cores in one window of many, found ${cores}`);
      } finally {
        await child.end();
      }
    }),
};

export const cpuChecks: readonly KernelCheck[] = [freshCpuIsZero, cpuEqualsFile, rootCpu, quarterOfACore];
