import fc from 'fast-check';
import { expect, test } from 'vitest';
import { counterPoints } from './counter-points.ts';

const clocks = { monotonicUsec: 70_000_000, wallMs: Date.UTC(2026, 0, 1) };
const reading = {
  sampledAtUsec: 69_998_500,
  usageSeconds: 1,
  usageNanoseconds: 234_567_891,
  workingSetBytes: 4096,
  swapBytes: 0,
};

test('counterPoints() places readings on the wall clock of the request, to the millisecond', () => {
  const earlier = { ...reading, sampledAtUsec: 10_000_000 };
  expect(counterPoints([earlier, reading], clocks)).toEqual([
    {
      at: '2025-12-31T23:59:00.000Z',
      cpuUsageUsec: 1_234_567.891,
      memoryWorkingSetBytes: 4096,
      swapBytes: 0,
    },
    {
      at: '2025-12-31T23:59:59.999Z',
      cpuUsageUsec: 1_234_567.891,
      memoryWorkingSetBytes: 4096,
      swapBytes: 0,
    },
  ]);
});

test('counterPoints() leaves out what is not known and keeps zero', () => {
  const none = Number.NaN;
  const unknown = {
    ...reading,
    usageSeconds: none,
    usageNanoseconds: none,
    workingSetBytes: 0,
    swapBytes: none,
  };
  expect(counterPoints([unknown], clocks)).toEqual([
    { at: '2025-12-31T23:59:59.999Z', memoryWorkingSetBytes: 0 },
  ]);
});

test('counterPoints() writes CPU time with the digits that the kernel gave, for 101 days of it', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 1000n * 2n ** 43n - 1n }), (nsec) => {
      const usageSeconds = Number(nsec / 1_000_000_000n);
      const usageNanoseconds = Number(nsec % 1_000_000_000n);
      const [point] = counterPoints([{ ...reading, usageSeconds, usageNanoseconds }], clocks);
      const [, whole = '', decimals = ''] =
        /^(\d+)(?:\.(\d{1,3}))?$/.exec(JSON.stringify(point?.cpuUsageUsec)) ?? [];
      expect(BigInt(`${whole}${decimals.padEnd(3, '0')}`)).toBe(nsec);
    }),
  );
});

test('counterPoints() writes whole microseconds exactly up to 2^53', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 53n }), (usec) => {
      const usageSeconds = Number(usec / 1_000_000n);
      const usageNanoseconds = Number(usec % 1_000_000n) * 1000;
      const [point] = counterPoints([{ ...reading, usageSeconds, usageNanoseconds }], clocks);
      expect(JSON.stringify(point?.cpuUsageUsec)).toBe(String(usec));
    }),
  );
});
