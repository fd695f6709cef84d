import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { KernelCgroup, KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { numberOfKey, readBetweenEqualTexts, readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';
import { known, openSignals } from './signals-opened.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const LIMIT_BYTES = 48 * MIB;
const KILL_MS = 60_000;
/** Grows by what it touches, until it is killed. */
const HOG = `process.stdout.write('on'); const held = []; setInterval(() => held.push(Buffer.alloc(${8 * MIB}, 1)), 1);`;

/** With the limit that v1 has on memory and swap together, as container runtimes set it: going over cannot be put off. */
function limitMemory(context: KernelContext, made: KernelCgroup, bytes: number): void {
  const write = (name: string, value: number) => {
    if (existsSync(made.file(name))) writeFileSync(made.file(name), `${value}`);
  };
  write(isV2(context) ? 'memory.max' : 'memory.limit_in_bytes', bytes);
  write(isV2(context) ? 'memory.swap.max' : 'memory.memsw.limit_in_bytes', isV2(context) ? 0 : bytes);
}

/** What the files say; of v1 in all: kernel 6.18 no longer counts there. */
function limitHits(context: KernelContext, made: KernelCgroup): number {
  const text = (name: string) => readKernelText(made.file(name));
  if (!isV2(context)) return Number(text('memory.failcnt')) + Number(text('memory.memsw.failcnt') ?? 0);
  const hits = numberOfKey(text('memory.events'), 'max') ?? 0;
  assert.ok(hits > 0, 'expected the limit to have been hit');
  return hits;
}

const oomKill: KernelCheck = {
  name: 'signals: an OOM kill is counted, with limit, hits of the limit and peak as the files say',
  needs: ['cpu', 'memory'],
  async run(context) {
    const signals = openSignals(context);
    const made = await context.makeCgroup('oom');
    try {
      const before = signals.cgroup(made.path);
      assert.equal(known(before.oomKills), 0);
      assert.equal(known(before.memoryLimitBytes), 'max');
      const killsOfNode = known(signals.root().oomKills);
      limitMemory(context, made, LIMIT_BYTES);
      const hog = startInCgroup(made, HOG);
      const events = made.file(isV2(context) ? 'memory.events' : 'memory.oom_control');
      try {
        const kills = () =>
          numberOfKey(readKernelText(events), 'oom_kill') ?? assert.fail(`no oom_kill in ${events}`);
        await until('an OOM kill', () => kills() > 0, KILL_MS);
      } finally {
        await hog.end();
      }
      // The killed process gives its memory back, and the kernel may count on for a moment.
      await wait(200);
      const after = signals.cgroup(made.path);
      assert.equal(known(after.oomKills), numberOfKey(readKernelText(events), 'oom_kill'));
      assert.ok(known(after.oomKills) >= 1);
      assert.equal(known(after.memoryLimitHits), limitHits(context, made));
      assert.equal(known(after.memoryLimitBytes), LIMIT_BYTES);
      assert.ok(known(signals.root().oomKills) > killsOfNode, 'expected the machine to count it too');
      if (after.memoryPeakBytes.status === 'ok') {
        const peak = after.memoryPeakBytes.value;
        assert.ok(
          peak > LIMIT_BYTES / 2 && peak <= LIMIT_BYTES,
          `expected a peak near the limit, found ${peak}`,
        );
      }
    } finally {
      await made.remove();
    }
  },
};

const kinds: KernelCheck = {
  name: 'signals: the kinds of memory, swap and its limit are what the files say, and swap is absent where it is not counted',
  needs: ['cpu', 'memory'],
  async run(context) {
    const signals = openSignals(context);
    const made = await context.makeCgroup('kinds');
    const holder = startInCgroup(
      made,
      `globalThis.held = Buffer.alloc(${16 * MIB}, 1); process.stdout.write('on');`,
    );
    try {
      await holder.firstOutput;
      const keys = isV2(context)
        ? (['anon', 'file', 'inactive_file', 'shmem'] as const)
        : (['total_rss', 'total_cache', 'total_inactive_file', 'total_shmem'] as const);
      let read = signals.cgroup(made.path);
      const [stat] = readBetweenEqualTexts([made.file('memory.stat')], () => {
        read = signals.cgroup(made.path);
      });
      const { anonBytes, fileBytes, inactiveFileBytes, shmemBytes } = read;
      const found = [anonBytes, fileBytes, inactiveFileBytes, shmemBytes].map(known);
      assert.deepEqual(
        found,
        keys.map((key) => numberOfKey(stat, key)),
      );
      const swap = isV2(context)
        ? readKernelText(made.file('memory.swap.current'))?.trim()
        : numberOfKey(stat, 'total_swap');
      assert.equal(read.swapBytes.status, swap === undefined ? 'absent' : 'ok');
      if (swap !== undefined) assert.equal(known(read.swapBytes), Number(swap));
      else if (read.swapBytes.status !== 'ok') assert.match(read.swapBytes.why, /swap accounting/);
      const limit = isV2(context) ? read.swapLimitBytes : read.memoryAndSwapLimitBytes;
      if (swap !== undefined) assert.equal(known(limit), 'max');
    } finally {
      await holder.end();
      await made.remove();
    }
  },
};

export const signalMemoryChecks: readonly KernelCheck[] = [oomKill, kinds];
