import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { AskedPeriod, eventLoopBusy } from './asked-period.ts';

test('AskedPeriod tells agents and the log of each step, and nobody of anything else', () => {
  const { log, lines } = keptLog();
  const clock = { ms: 0, busy: 1 };
  const told: number[] = [];
  const asked: AskedPeriod = new AskedPeriod(
    {
      ...{ log, monotonicMs: () => clock.ms, busy: () => clock.busy },
      changed: () => told.push(asked.periodMs),
    },
    { periodMs: 30_000, windowMs: 40_000 },
  );
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.ms += 1_000;
      asked.look();
    }
  };
  const peers = ['10.0.0.1:1'];
  expect(asked.directive(peers)).toEqual({ periodUsec: 30_000_000, windowUsec: 40_000_000, peers });
  pass(600);
  expect(asked.directive(peers)).toEqual({ periodUsec: 60_000_000, windowUsec: 60_000_000, peers });
  clock.busy = 0.123;
  pass(600);
  expect(told).toEqual([60_000, 30_000]);
  expect(lines).toMatchObject([
    { level: 40, periodMs: 60_000, usualMs: 30_000, busy: 1, msg: expect.stringMatching(/^cannot keep up/) },
    { level: 30, periodMs: 30_000, usualMs: 30_000, busy: 0.12, msg: expect.stringMatching(/^calm again/) },
  ]);
});

test('eventLoopBusy() is the share of the time since it was last asked', async () => {
  const busy = eventLoopBusy();
  await eventually(async () => {
    busy();
    await new Promise((later) => setTimeout(later, 100));
    expect(busy()).toBeLessThan(0.9);
  });
  await new Promise((later) => setImmediate(later));
  const until = performance.now() + 100;
  while (performance.now() < until);
  await new Promise((later) => setImmediate(later));
  expect(busy()).toBeGreaterThan(0.9);
});
