import fc from 'fast-check';
import { expect, test } from 'vitest';
import { goDurationMs } from './go-duration.ts';

test.each([
  ['5s', 5_000],
  ['1m30s', 90_000],
  ['1.5h', 5_400_000],
  ['500ms', 500],
  ['1µs', 0.001],
  ['0', 0],
  ['.5s', 500],
])('goDurationMs() reads %s', (text, ms) => expect(goDurationMs(text)).toBe(ms));

test.each(['', '5', 's', '-5s', '5 s', '5sx', 'x5s', '1e3s', 'Infinitys'])(
  'goDurationMs() refuses "%s"',
  (text) => expect(goDurationMs(text)).toBeUndefined(),
);

test('goDurationMs() adds its terms', () => {
  const part = fc.nat({ max: 59 });
  fc.assert(
    fc.property(part, part, part, (h, m, s) => {
      expect(goDurationMs(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000);
    }),
  );
});
