import { cpus } from 'node:os';
import { hostFileCalls } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { Processors } from './processors.ts';

/** Of a machine whose list a test sets. */
function processors(texts: readonly string[], atStart: number) {
  const rest = [...texts];
  return new Processors(atStart, {
    ...hostFileCalls,
    exists: () => texts.length > 0,
    open: () => 7,
    read: (_, buffer) => buffer.write(rest.shift() ?? ''),
    close: () => undefined,
  });
}

test('Processors.count follows processors that are plugged in, and remembers those plugged out', () => {
  const machine = processors(['0-1\n', '0-7\n', '0-3\n'], 2);
  expect([machine.count, machine.count, machine.count]).toEqual([2, 8, 8]);
  machine.close();
});

test('Processors.count is what it was told where sysfs does not say', () => {
  expect(processors([], 4).count).toBe(4);
  expect(processors(['what\n'], 4).count).toBe(4);
});

test('Processors.count is that of this machine', () => {
  const machine = new Processors(1);
  expect(machine.count).toBe(cpus().length);
  machine.close();
});
