import { expect, test } from 'vitest';
import { boundTo, FixtureTime, jwt } from './fixture-identity.ts';
import { TokenReviews, type TokenVerdict } from './token-reviews.ts';

/** Of a caller who stays. */
const staying = () => new AbortController().signal;
const user = boundTo('n1', 'u1');

/** Reviews that are answered when the test says so, or at once. */
function reviews({ atOnce = false } = {}) {
  const time = new FixtureTime();
  const open: { readonly token: string; readonly answer: (valid: boolean) => void }[] = [];
  const asked: string[] = [];
  const tokens = new TokenReviews(
    {
      ...{ monotonicMs: time.monotonicMs, wallMs: time.wallMs, later: time.later },
      async reviewToken(token, audiences) {
        expect(audiences).toEqual(['aud']);
        asked.push(token);
        if (atOnce) return user;
        const { promise, resolve } = Promise.withResolvers<boolean>();
        open.push({ token, answer: resolve });
        return (await promise) ? user : undefined;
      },
    },
    'aud',
  );
  return { time, open, asked, tokens };
}

function isSeen(verdict: TokenVerdict): verdict is Exclude<TokenVerdict, 'invalid' | { unreviewed: string }> {
  return typeof verdict === 'object' && 'user' in verdict;
}

test('TokenReviews.review() asks once, however many show the same token at once', async () => {
  const { tokens, open, asked } = reviews();
  const answers = Promise.all(['a', 'b', 'c'].map((peer) => tokens.review('t', peer, staying())));
  for (const { answer } of open) answer(true);
  expect((await answers).every(isSeen)).toBe(true);
  expect(asked).toEqual(['t']);
});

test('TokenReviews.review() does not ask again within 10 s about a token that was accepted', async () => {
  const { tokens, asked, time } = reviews({ atOnce: true });
  const first = await tokens.review('t', 'a', staying());
  if (!isSeen(first)) throw new Error('not valid');
  await tokens.review('t', 'a', staying());
  expect(asked).toHaveLength(2);
  tokens.remember(first);
  time.nowMs += 9_999;
  expect(await tokens.review('t', 'a', staying())).toBe(first);
  expect(asked).toHaveLength(2);
  time.nowMs += 1;
  expect(await tokens.review('t', 'a', staying())).toMatchObject({ reviewedMs: 10_000 });
  expect(asked).toHaveLength(3);
});

test('TokenReviews.review() tells by the monotonic clock when a JWT ends, and how long it lasts', async () => {
  const { tokens, time } = reviews({ atOnce: true });
  time.nowMs = 5_000;
  const nowSeconds = time.wallMs() / 1_000;
  expect(
    await tokens.review(jwt({ iat: nowSeconds - 60, exp: nowSeconds + 540 }), 'a', staying()),
  ).toMatchObject({ endsMs: 545_000, lastsMs: 600_000 });
  expect(await tokens.review(jwt({ exp: nowSeconds + 540 }), 'a', staying())).toMatchObject({
    ...{ endsMs: 545_000, lastsMs: 540_000 },
  });
  // The API server says that it is valid: then it is this clock that is wrong.
  expect(await tokens.review(jwt({ exp: nowSeconds - 1 }), 'a', staying())).toMatchObject({
    endsMs: undefined,
  });
});

test('TokenReviews.review() does not go on with a token that has ended, whoever remembers it', async () => {
  const { tokens, open, time } = reviews();
  const token = jwt({ exp: time.wallMs() / 1_000 + 5 });
  const first = tokens.review(token, 'a', staying());
  open[0]?.answer(true);
  const seen = await first;
  if (!isSeen(seen)) throw new Error('not valid');
  tokens.remember(seen);
  time.nowMs += 5_000;
  const second = tokens.review(token, 'a', staying());
  open[1]?.answer(false);
  expect(await second).toBe('invalid');
});

test('TokenReviews.review() asks nothing for a caller who left before its turn', async () => {
  const { tokens, open, asked, time } = reviews();
  const held = Array.from({ length: 24 }, (_, index) => tokens.review(`held-${index}`, 'a', staying()));
  const [one, other] = [new AbortController(), new AbortController()];
  const left = tokens.review('left', 'a', one.signal);
  const kept = [tokens.review('kept', 'a', one.signal), tokens.review('kept', 'a', other.signal)];
  one.abort();
  expect(await left).toEqual({ unreviewed: 'no answer', cause: 'nobody waits for it' });
  for (const { answer } of open) answer(true);
  await Promise.all(held);
  await time.pass(10);
  open.at(-1)?.answer(true);
  expect((await Promise.all(kept)).every(isSeen)).toBe(true);
  expect(asked.slice(24)).toEqual(['kept']);
});

test('TokenReviews.review() refuses what one peer shows too much of, and nobody else', async () => {
  const { tokens, open, time } = reviews();
  const garbage = Array.from({ length: 10_024 }, (_, index) =>
    tokens.review(`garbage-${index}`, 'flood', staying()),
  );
  const agent = tokens.review('agent', 'b', staying());
  // The first of those that are not under review yet.
  expect(await garbage[24]).toEqual({ unreviewed: 'too many', cause: 'the queue for reviews is full' });
  // One turn of the other's, then its own.
  for (const { answer } of open.slice(0, 2)) answer(true);
  await time.pass(10);
  open.find(({ token }) => token === 'agent')?.answer(true);
  expect(isSeen(await agent)).toBe(true);
});

test('TokenReviews knows 2,000 agents within 4 s beside a peer that shows garbage without end', async () => {
  const time = new FixtureTime();
  let garbage = 0;
  const tokens = new TokenReviews(
    {
      ...{ monotonicMs: time.monotonicMs, wallMs: time.wallMs, later: time.later },
      async reviewToken(token) {
        if (token.startsWith('garbage')) garbage += 1;
        await new Promise<void>((resolve) => time.later(20, resolve));
        return token.startsWith('garbage') ? undefined : user;
      },
    },
    'aud',
  );
  let known = 0;
  for (let index = 0; index < 2_000; index += 1) {
    void tokens.review(`agent-${index}`, `10.0.${index >> 8}.${index & 255}`, staying()).then((verdict) => {
      if (isSeen(verdict)) known += 1;
    });
  }
  for (let shown = 0; known < 2_000 && time.nowMs < 60_000; shown += 100) {
    for (let index = 0; index < 100; index += 1)
      void tokens.review(`garbage-${shown + index}`, 'flood', staying());
    await time.pass(10);
  }
  expect(known).toBe(2_000);
  expect(time.nowMs).toBeLessThan(4_000);
  expect(garbage).toBeLessThan((40 * time.nowMs) / 1_000);
});
