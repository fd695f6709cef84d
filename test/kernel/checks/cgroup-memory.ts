import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createCgroupTree, createCgroupUsage } from 'node-cgroup-stats';
import type { KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { numberOfKey, readBetweenEqualTexts, readKernelText } from './kernel-text.ts';
import { isV2, withCgroup } from './opened-cgroup.ts';

const MIB = 1024 * 1024;
const CACHED_FILE_BYTES = 64 * MIB;
/** memory.stat may be 2 s old, more on a loaded machine. */
const MEMORY_STAT_DEADLINE_MS = 15_000;

const memoryUsageFileOf = (context: KernelContext) =>
  isV2(context) ? 'memory.current' : 'memory.usage_in_bytes';
const inactiveFileKeyOf = (context: KernelContext) =>
  isV2(context) ? 'inactive_file' : 'total_inactive_file';

const absentController: KernelCheck = {
  name: 'memory is absent where no memory controller counts it, and CPU time is not',
  needs: [],
  run: (context) =>
    withCgroup(
      context,
      'cpu-only',
      (_, opened, usage) => {
        assert.equal(opened.read(usage), 'ok');
        assert.equal(usage.cpuStatus, 'ok');
        const { memoryUsageStatus, inactiveFileStatus, workingSetStatus, swapStatus } = usage;
        assert.deepEqual(
          [memoryUsageStatus, inactiveFileStatus, workingSetStatus, swapStatus],
          ['absent', 'absent', 'absent', 'absent'],
        );
        assert.ok(Number.isNaN(usage.workingSetBytes));
      },
      { withoutMemory: true },
    ),
};

const workingSetLeavesOutCache: KernelCheck = {
  name: 'the working set leaves out a file that was read once, and equals the texts',
  needs: ['memory'],
  run: (context) =>
    withCgroup(context, 'cache', async (made, opened, usage) => {
      // A hole is read into the page cache like any file, and nobody else has its pages there yet.
      const path = join(context.scratchDirectory, `tacho-kernel-${process.pid}-cache`);
      const fd = openSync(path, 'w');
      ftruncateSync(fd, CACHED_FILE_BYTES);
      closeSync(fd);
      const child = startInCgroup(
        made,
        `const fs = require('node:fs');
         const fd = fs.openSync(${JSON.stringify(path)}, 'r');
         const piece = Buffer.alloc(65536);
         while (fs.readSync(fd, piece) > 0);
         process.stdout.write('read');`,
      );
      try {
        await child.firstOutput;
        const deadline = performance.now() + MEMORY_STAT_DEADLINE_MS;
        do {
          await wait(100);
          assert.equal(opened.read(usage), 'ok');
        } while (!(usage.inactiveFileBytes >= CACHED_FILE_BYTES - 4 * MIB) && performance.now() < deadline);

        const paths = [made.file('memory.stat'), made.file(memoryUsageFileOf(context))];
        const [stat, current] = readBetweenEqualTexts(paths, () => opened.read(usage));
        const inactive = numberOfKey(stat, inactiveFileKeyOf(context)) ?? Number.NaN;
        assert.ok(
          inactive >= CACHED_FILE_BYTES - 4 * MIB,
          `expected the file in inactive_file, found ${inactive}`,
        );
        assert.equal(usage.memoryUsageBytes, Number(current));
        assert.equal(usage.inactiveFileBytes, inactive);
        assert.equal(usage.workingSetBytes, Number(current) - inactive);
        assert.ok(usage.workingSetBytes > 0, 'expected the process itself to be in the working set');
      } finally {
        await child.end();
        rmSync(path);
      }
    }),
};

const swapStatus: KernelCheck = {
  name: 'swap is what the file says, and absent where the kernel does not count it',
  needs: ['memory'],
  run: (context) =>
    withCgroup(context, 'swap', (made, opened, usage) => {
      assert.equal(opened.read(usage), 'ok');
      const text = readKernelText(made.file(isV2(context) ? 'memory.swap.current' : 'memory.stat'));
      const expected = isV2(context) ? text && Number(text) : numberOfKey(text, 'total_swap');
      assert.equal(usage.swapStatus, expected === undefined ? 'absent' : 'ok');
      assert.deepEqual(usage.swapBytes, expected ?? Number.NaN);
    }),
};

const rootMemory: KernelCheck = {
  name: 'memory and swap of the root follow its formulas',
  needs: ['memory'],
  run: async (context) => {
    const paths = [context.rootFile('memory.stat'), context.rootFile(memoryUsageFileOf(context))];
    const usage = createCgroupUsage();
    const root = createCgroupTree(context.layout).openRoot();
    try {
      const [stat, current] = readBetweenEqualTexts(paths, () => root.read(usage));
      const anonAndFile = (numberOfKey(stat, 'anon') ?? 0) + (numberOfKey(stat, 'file') ?? 0);
      const inactive = numberOfKey(stat, inactiveFileKeyOf(context)) ?? Number.NaN;
      const expected = current === undefined ? anonAndFile : Number(current);
      assert.equal(usage.memoryUsageBytes, expected);
      assert.equal(usage.inactiveFileBytes, inactive);
      assert.equal(usage.workingSetBytes, Math.max(0, expected - inactive));
      if (current === undefined) checkMeminfoFormulas(context);
    } finally {
      root.close();
    }
  },
};

/** Of a real v2 root: swap, and memory as before runc 1.1.10. */
function checkMeminfoFormulas(context: KernelContext): void {
  const usage = createCgroupUsage();
  const root = createCgroupTree(context.layout, {}, { rootMemorySource: 'meminfo' }).openRoot();
  try {
    const [meminfo] = readBetweenEqualTexts(['/proc/meminfo'], () => root.read(usage));
    const used = (total: string, free: string) =>
      ((numberOfKey(meminfo, total) ?? Number.NaN) - (numberOfKey(meminfo, free) ?? Number.NaN)) * 1024;
    assert.deepEqual([usage.swapStatus, usage.swapBytes], ['ok', used('SwapTotal', 'SwapFree')]);
    assert.equal(usage.memoryUsageBytes, used('MemTotal', 'MemFree'));
    assert.equal(usage.workingSetBytes, usage.memoryUsageBytes - usage.inactiveFileBytes);
  } finally {
    root.close();
  }
}

export const memoryChecks: readonly KernelCheck[] = [
  absentController,
  workingSetLeavesOutCache,
  swapStatus,
  rootMemory,
];
