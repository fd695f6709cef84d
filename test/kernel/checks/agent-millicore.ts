import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { createCgroupTree } from 'node-cgroup-stats';
import { CgroupTrack } from '../../../agent/src/sampling/cgroup-track.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { WINDOW_USEC } from './sampled-node.ts';

/** A millicore's worth of a second; the kernel takes no smaller quota and no longer period. */
const QUOTA_USEC = 1_000;
const PERIOD_USEC = 1_000_000;
const NANOCORES = 1_000_000;
/** The kernel hands out run time in slices and notices at a timer's tick that it is used up. */
const TOLERANCE = 0.5;

const countsTicks = () => readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

const millicore: KernelCheck = {
  name: 'agent: an idle container that uses a millicore is shown with it, and with nothing but its own counter',
  needs: ['cpu'],
  async run(context) {
    // There run time is counted in whole ticks of 10 ms.
    if (countsTicks()) return;
    const made = await context.makeCgroup('millicore');
    const tree = createCgroupTree(context.layout, { monotonicUsec: () => performance.now() * 1000 });
    const track = new CgroupTrack(tree.open(made.path));
    const child = startInCgroup(made, `process.stdout.write('on'); for (;;);`);
    try {
      await child.firstOutput;
      const limit = (name: string, value: string) => writeFileSync(made.file(name), value);
      if (context.layout.mode === 'v2') limit('cpu.max', `${QUOTA_USEC} ${PERIOD_USEC}`);
      else {
        limit('cpu.cfs_period_us', `${PERIOD_USEC}`);
        limit('cpu.cfs_quota_us', `${QUOTA_USEC}`);
      }
      await wait(2_000);
      track.read(WINDOW_USEC);
      await wait(WINDOW_USEC / 1000);
      track.read(WINDOW_USEC);
      const value = track.value(WINDOW_USEC, 0);
      assert.ok(typeof value !== 'string', `expected a value, found ${JSON.stringify(value)}`);
      const found = `expected a millicore, found ${value.cpuNanocores} nanocores`;
      assert.ok(Math.abs(value.cpuNanocores - NANOCORES) < NANOCORES * TOLERANCE, found);
      const [first, last] = track.readings.readings();
      if (first === undefined || last === undefined) assert.fail('expected two readings');
      const used =
        (last.usageSeconds - first.usageSeconds) * 1e9 + last.usageNanoseconds - first.usageNanoseconds;
      assert.equal(value.cpuNanocores, Math.floor((used * 1e6) / (last.sampledAtUsec - first.sampledAtUsec)));
    } finally {
      await child.end();
      track.close();
      await made.remove();
    }
  },
};

export const agentMillicoreChecks: readonly KernelCheck[] = [millicore];
