import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Cgroup, CgroupUsage } from 'node-cgroup-stats';
import { createCgroupTree, createCgroupUsage, elapsedNanoseconds } from 'node-cgroup-stats';
import type { KernelCgroup, KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { cpuNanosecondsOf, numberOfKey, readBetweenEqualTexts, readKernelText } from './kernel-text.ts';

const MIB = 1024 * 1024;
const CACHED_FILE_BYTES = 64 * MIB;
/** memory.stat may be 2 s old, more on a loaded machine. */
const MEMORY_STAT_DEADLINE_MS = 15_000;
const SPIN_WINDOW_MS = 6000;

const isV2 = (context: KernelContext) => context.layout.mode === 'v2';
const cpuFileOf = (context: KernelContext) => (isV2(context) ? 'cpu.stat' : 'cpuacct.usage');
const memoryUsageFileOf = (context: KernelContext) =>
  isV2(context) ? 'memory.current' : 'memory.usage_in_bytes';
const inactiveFileKeyOf = (context: KernelContext) =>
  isV2(context) ? 'inactive_file' : 'total_inactive_file';
const nanosecondsOf = (usage: CgroupUsage) =>
  BigInt(usage.usageSeconds) * 1_000_000_000n + BigInt(usage.usageNanoseconds);
const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** Makes a cgroup, opens it with the library, and takes both away again whatever happens. */
async function withCgroup(
  context: KernelContext,
  name: string,
  run: (made: KernelCgroup, opened: Cgroup, usage: CgroupUsage) => Promise<void> | void,
  options: { withoutMemory?: boolean } = {},
): Promise<void> {
  const made = await context.makeCgroup(name, options);
  const opened = createCgroupTree(context.layout).open(made.path);
  try {
    await run(made, opened, createCgroupUsage());
  } finally {
    opened.close();
    await made.remove();
  }
}

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

function assertAllGone(usage: CgroupUsage): void {
  const { sampledAtUsec, ...quantities } = usage;
  for (const [field, value] of Object.entries(quantities)) {
    assert.ok(value === 'gone' || Number.isNaN(value), `expected ${field} to be gone, found ${value}`);
  }
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

const goneAfterRemoval: KernelCheck = {
  name: 'a cgroup removed between two readings is gone, stays gone under its old name, and holds no descriptor',
  needs: [],
  run: async (context) => {
    const before = openDescriptors();
    const first = await context.makeCgroup('again');
    const tree = createCgroupTree(context.layout);
    const old = tree.open(first.path);
    const usage = createCgroupUsage();
    assert.equal(old.read(usage), 'ok');
    assert.ok(openDescriptors() > before);
    await first.remove();
    assert.equal(old.read(usage), 'gone');
    assertAllGone(usage);
    assert.equal(openDescriptors(), before);

    const second = await context.makeCgroup('again');
    const young = tree.open(second.path);
    try {
      assert.equal(second.path, first.path);
      assert.equal(old.read(usage), 'gone');
      assertAllGone(usage);
      assert.equal(young.read(usage), 'ok');
    } finally {
      young.close();
      await second.remove();
    }
  },
};

const recreatedUnread: KernelCheck = {
  name: 'a cgroup removed and made again between two readings is gone',
  needs: [],
  run: async (context) => {
    const first = await context.makeCgroup('swift');
    const old = createCgroupTree(context.layout).open(first.path);
    const usage = createCgroupUsage();
    assert.equal(old.read(usage), 'ok');
    await first.remove();
    const second = await context.makeCgroup('swift');
    try {
      assert.equal(old.read(usage), 'gone');
      assertAllGone(usage);
    } finally {
      old.close();
      await second.remove();
    }
  },
};

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
        const directFrom = readCpuBetween(path, opened, from);
        await wait(SPIN_WINDOW_MS);
        const directTo = readCpuBetween(path, opened, to);
        const elapsed = (to.sampledAtUsec - from.sampledAtUsec) * 1000;
        const cores = elapsedNanoseconds(from, to) / elapsed;
        const directCores = Number(directTo - directFrom) / elapsed;
        assert.ok(cores >= 0.24 && cores <= 0.26, `expected 0.24 to 0.26 cores, found ${cores}`);
        assert.ok(Math.abs(cores - directCores) < 0.002, `expected ${directCores} cores, found ${cores}`);
      } finally {
        await child.end();
      }
    }),
};

/** What node-cgroup-stats says of real cgroups, held against the files' own texts. */
export const checks: readonly KernelCheck[] = [
  freshCpuIsZero,
  cpuEqualsFile,
  goneAfterRemoval,
  recreatedUnread,
  absentController,
  workingSetLeavesOutCache,
  swapStatus,
  rootCpu,
  rootMemory,
  quarterOfACore,
];
