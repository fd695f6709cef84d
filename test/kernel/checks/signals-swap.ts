import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { numberOfKey, readBetweenEqualTexts, readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';
import { known, openSignals } from './signals-opened.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const HELD_BYTES = 64 * MIB;
const LIMIT_BYTES = 48 * MIB;
const SWAP_MS = 60_000;
/** Major number of the memory disks that the module brd makes. */
const RAM_DISK = ['b', '1', '0'];

const hasSwap = () => (numberOfKey(readKernelText('/proc/meminfo'), 'SwapTotal') ?? 0) > 0;
const isGuest = () => readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

/** Gives a guest, whose memory is its own, a disk in memory to swap to. Returns what takes it away again. */
function makeSwap(scratchDirectory: string): (() => void) | undefined {
  const module = `/usr/lib/uml/modules/${release()}/kernel/drivers/block/brd.ko`;
  const programs = ['insmod', 'mkswap', 'swapon'].map((name) => `/sbin/${name}`);
  if (!isGuest() || ![module, ...programs].every((path) => existsSync(path))) return undefined;
  const disk = join(scratchDirectory, 'tacho-kernel-swap');
  const run = (program: string, ...words: string[]) => execFileSync(program, words, { stdio: 'ignore' });
  run('insmod', module, 'rd_nr=1', `rd_size=${(128 * MIB) / 1024}`);
  run('mknod', disk, ...RAM_DISK);
  run('mkswap', disk);
  run('swapon', disk);
  return () => {
    run('swapoff', disk);
    run('rmmod', 'brd');
    run('rm', disk);
  };
}

const swap: KernelCheck = {
  name: 'signals: swap of a cgroup that holds more than its limit is what the file says, where this kernel has swap',
  needs: ['cpu', 'memory'],
  async run(context) {
    const takeAway = hasSwap() ? () => undefined : makeSwap(context.scratchDirectory);
    if (takeAway === undefined) return;
    try {
      await swapOut(context);
    } finally {
      takeAway();
    }
  },
};

async function swapOut(context: KernelContext): Promise<void> {
  const signals = openSignals(context);
  const made = await context.makeCgroup('swapped');
  const swapped = () =>
    isV2(context)
      ? Number(readKernelText(made.file('memory.swap.current')))
      : (numberOfKey(readKernelText(made.file('memory.stat')), 'total_swap') ?? 0);
  const limitFile = made.file(isV2(context) ? 'memory.max' : 'memory.limit_in_bytes');
  writeFileSync(limitFile, `${LIMIT_BYTES}`);
  const holder = startInCgroup(
    made,
    `globalThis.held = Buffer.alloc(${HELD_BYTES}, 1); process.stdout.write('on'); setInterval(() => {}, 1000);`,
  );
  try {
    await until('some swap in use', () => swapped() > MIB, SWAP_MS);
    await holder.firstOutput;
    let read = signals.cgroup(made.path);
    const file = made.file(isV2(context) ? 'memory.swap.current' : 'memory.stat');
    const [text] = readBetweenEqualTexts([file], () => {
      read = signals.cgroup(made.path);
    });
    assert.equal(known(read.swapBytes), isV2(context) ? Number(text) : numberOfKey(text, 'total_swap'));
    assert.ok(known(read.swapBytes) > MIB, 'expected memory to have been swapped out');
    const peak = read.swapPeakBytes;
    if (peak.status === 'ok') assert.ok(peak.value >= known(read.swapBytes));
    else assert.match(peak.why, /6\.5|cgroup v1/);
    if (isV2(context)) {
      writeFileSync(made.file('memory.swap.max'), `${HELD_BYTES}`);
      assert.equal(known(signals.cgroup(made.path).swapLimitBytes), HELD_BYTES);
    }
  } finally {
    await holder.end();
    await made.remove();
  }
}

export const signalSwapChecks: readonly KernelCheck[] = [swap];
