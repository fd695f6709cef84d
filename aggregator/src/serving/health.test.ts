import { expect, test } from 'vitest';
import { respondHealth } from './health.ts';

const well = { ping: () => true, 'watches-synced': () => true };

test('respondHealth() of a healthy server is ok and nothing else', () => {
  expect(respondHealth('/readyz', well, false)).toEqual({
    status: 200,
    headers: {
      'Cache-Control': 'no-cache, private',
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    },
    body: 'ok',
  });
});

test('respondHealth() names each check when asked to', () => {
  expect(respondHealth('/livez', well, true)).toMatchObject({
    status: 200,
    body: '[+]ping ok\n[+]watches-synced ok\nlivez check passed\n',
  });
});

test.each([true, false])(
  'respondHealth() of an ill server names each check and no reason (verbose: %s)',
  (verbose) => {
    expect(respondHealth('/readyz', { ...well, 'watches-synced': () => false }, verbose)).toMatchObject({
      status: 500,
      body: '[+]ping ok\n[-]watches-synced failed: reason withheld\nreadyz check failed\n',
    });
  },
);
