import { expect, test } from 'vitest';
import { KubeApiError } from './kube-client.ts';
import { retriedReview } from './review-retries.ts';

const { signal } = new AbortController();

/** Calls that fail so, then are answered; tells how long it waited between them. */
async function attempt(failures: readonly Error[], random = 0, until = signal) {
  const waitsMs: number[] = [];
  const left = [...failures];
  let calls = 0;
  const call = async () => {
    calls += 1;
    const failure = left.shift();
    if (failure !== undefined) throw failure;
    return 'answer';
  };
  const sleep = async (ms: number, signal: AbortSignal) => {
    waitsMs.push(ms);
    signal.throwIfAborted();
  };
  const outcome = await retriedReview(call, { sleep, random: () => random }, until).catch((error) => error);
  return { outcome, waitsMs, calls };
}

const failed = (status: number, retryAfterMs?: number) =>
  new KubeApiError('POST', '/x', status, '', retryAfterMs);
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

test('retriedReview() waits half as long again each time, and gives up after five calls', async () => {
  const failures = Array.from({ length: 9 }, () => failed(500));
  expect(await attempt(failures)).toEqual({
    outcome: failures[4],
    waitsMs: [500, 750, 1_125, 1_687.5],
    calls: 5,
  });
  expect((await attempt(failures, 1)).waitsMs).toEqual([600, 900, 1_350, 2_025]);
});

test.each([failed(429), failed(500), failed(504), failed(503, 1_000), reset])(
  'retriedReview() calls again after %s',
  async (failure) => expect(await attempt([failure])).toMatchObject({ outcome: 'answer', calls: 2 }),
);

test.each([
  failed(400),
  failed(403),
  failed(503),
  new Error('connect ECONNREFUSED'),
  new DOMException('', 'TimeoutError'),
])('retriedReview() gives up at once after %s', async (failure) =>
  expect(await attempt([failure])).toMatchObject({ outcome: failure, calls: 1 }),
);

test('retriedReview() waits as long as the server asks', async () => {
  expect((await attempt([failed(429, 3_000), failed(429, 1)])).waitsMs).toEqual([3_000, 750]);
});

test('retriedReview() tells the last failure when it is aborted while it waits', async () => {
  const abort = new AbortController();
  const failure = failed(500);
  const sleep = () => {
    abort.abort();
    return Promise.reject(new Error('aborted'));
  };
  const call = () => Promise.reject(failure);
  await expect(retriedReview(call, { sleep, random: () => 0 }, abort.signal)).rejects.toBe(failure);
});
