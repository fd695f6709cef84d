import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { numberOfKey, readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';
import { known, openSignals } from './signals-opened.ts';
import { until } from './until.ts';

const SPINNER = `process.stdout.write('on'); for (;;);`;
const WEIGHT = 250;
const SHARES = 2048;

/** The check's own reading of cpu.stat; times in µs. */
function throttlingText(context: KernelContext, path: string) {
  const text = readKernelText(context.file(path, 'cpu.stat'));
  const number = (key: string) => numberOfKey(text, key) ?? assert.fail(`no ${key} in ${text}`);
  return {
    periods: number('nr_periods'),
    throttledPeriods: number('nr_throttled'),
    throttledUsec: isV2(context) ? number('throttled_usec') : number('throttled_time') / 1000,
  };
}

const throttling: KernelCheck = {
  name: 'signals: throttling lies between two readings of cpu.stat while a spinner is held to a quarter of a core, and the limit is told',
  needs: ['cpu', 'memory'],
  async run(context) {
    const signals = openSignals(context);
    const made = await context.makeCgroup('throttled');
    try {
      assert.equal(known(signals.cgroup(made.path).cpuLimit).quotaUsec, 'max');
      made.limitCores(0.25);
      const weightFile = isV2(context) ? ['cpu.weight', WEIGHT] : ['cpu.shares', SHARES];
      writeFileSync(made.file(`${weightFile[0]}`), `${weightFile[1]}`);
      const child = startInCgroup(made, SPINNER);
      try {
        await child.firstOutput;
        await until(
          'ten throttled periods',
          () => throttlingText(context, made.path).throttledPeriods >= 10,
          30_000,
        );
        const before = throttlingText(context, made.path);
        const read = signals.cgroup(made.path);
        const after = throttlingText(context, made.path);
        const found = known(read.throttling);
        for (const key of ['periods', 'throttledPeriods', 'throttledUsec'] as const) {
          const between = `${key}: ${before[key]} <= ${found[key]} <= ${after[key]}`;
          assert.ok(before[key] <= found[key] && found[key] <= after[key], `expected ${between}`);
        }
        assert.deepEqual(known(read.cpuLimit), { quotaUsec: 25_000, periodUsec: 100_000, cores: 0.25 });
        assert.deepEqual(
          known(read.cpuWeight),
          isV2(context) ? { kind: 'weight', value: WEIGHT } : { kind: 'shares', value: SHARES },
        );
      } finally {
        await child.end();
      }
    } finally {
      await made.remove();
    }
  },
};

const restarted: KernelCheck = {
  name: 'signals: a cgroup that was removed is gone, and one made anew under its name counts from zero',
  needs: ['cpu', 'memory'],
  async run(context) {
    const { reader, cgroup } = openSignals(context);
    const first = await context.makeCgroup('restarted');
    first.limitCores(0.1);
    const child = startInCgroup(first, SPINNER);
    await child.firstOutput;
    await until('throttling', () => throttlingText(context, first.path).throttledPeriods >= 2, 30_000);
    assert.ok(known(cgroup(first.path).throttling).throttledPeriods >= 2);
    const steps = reader.cgroup(first.path);
    steps.next();
    await child.end();
    await first.remove();
    for (let step = steps.next(); ; step = steps.next()) {
      if (!step.done) continue;
      assert.equal(step.value, 'gone');
      break;
    }
    const second = await context.makeCgroup('restarted');
    try {
      assert.equal(second.path, first.path);
      const young = cgroup(second.path);
      assert.equal(known(young.throttling).throttledPeriods, 0);
      assert.equal(known(young.cpuLimit).quotaUsec, 'max');
    } finally {
      await second.remove();
    }
  },
};

export const signalCpuChecks: readonly KernelCheck[] = [throttling, restarted];
