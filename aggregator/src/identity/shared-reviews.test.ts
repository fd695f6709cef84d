import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SharedReviews, TooManyReviews } from './shared-reviews.ts';

const { signal } = new AbortController();
/** Lets everything that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Reviews that are answered one by one, by their key. */
function reviews(options = { mostAtOnce: 2, mostWaiting: 2 }) {
  const shared = new SharedReviews<string>(options);
  const open = new Map<
    string,
    { answer(text: string): void; fail(error: Error): void; signal: AbortSignal }
  >();
  const started: string[] = [];
  const ask = (key: string, until = signal) =>
    shared.ask(
      key,
      (signal) => {
        started.push(key);
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        open.set(key, { answer: resolve, fail: reject, signal });
        signal.addEventListener('abort', () => reject(signal.reason));
        return promise;
      },
      until,
    );
  return { ask, open, started };
}

test('SharedReviews.ask() starts one review for all who ask the same', async () => {
  const { ask, open, started } = reviews();
  const answers = Promise.all([ask('a'), ask('a'), ask('a')]);
  await settle();
  open.get('a')?.answer('yes');
  expect([await answers, started]).toEqual([['yes', 'yes', 'yes'], ['a']]);
});

test('SharedReviews.ask() asks anew once the answer is there', async () => {
  const { ask, open, started } = reviews();
  for (const text of ['yes', 'no']) {
    const answer = ask('a');
    await settle();
    open.get('a')?.answer(text);
    expect(await answer).toBe(text);
  }
  expect(started).toEqual(['a', 'a']);
});

test('SharedReviews.ask() fails for all who asked, and is not remembered', async () => {
  const { ask, open, started } = reviews();
  const both = Promise.allSettled([ask('a'), ask('a')]);
  await settle();
  open.get('a')?.fail(new Error('away'));
  expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  void ask('a').catch(() => undefined);
  expect(started).toHaveLength(2);
});

test('SharedReviews.ask() goes on when the first who asked leaves, and ends when the last one does', async () => {
  const { ask, open } = reviews();
  const [first, second] = [new AbortController(), new AbortController()];
  const answers = Promise.allSettled([ask('a', first.signal), ask('a', second.signal)]);
  await settle();
  first.abort();
  await settle();
  expect(open.get('a')?.signal.aborted).toBe(false);
  second.abort();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(open.get('a')?.signal.aborted).toBe(true);
});

test('SharedReviews.ask() lets so many go on at once, so many wait, and refuses more', async () => {
  const { ask, open, started } = reviews();
  const answers = ['a', 'b', 'c', 'd'].map((key) => ask(key));
  await expect(ask('e')).rejects.toThrow(TooManyReviews);
  // Who asks what is under way already takes no place.
  answers.push(ask('a'));
  await settle();
  expect(started).toEqual(['a', 'b']);
  for (const key of ['a', 'b', 'c', 'd']) {
    open.get(key)?.answer(key);
    await settle();
  }
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'd', 'a']);
  expect(started).toEqual(['a', 'b', 'c', 'd']);
});

test('SharedReviews.ask() gives the place of one who leaves to the next', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(9), fc.boolean()), { maxLength: 30 }), async (steps) => {
      const { ask, open } = reviews({ mostAtOnce: 2, mostWaiting: 100 });
      const asked = Array.from({ length: 10 }, (_, index) => {
        const abort = new AbortController();
        return { abort, key: `${index}`, answer: ask(`${index}`, abort.signal).catch(() => 'left') };
      });
      for (const [index, isLeaving] of steps) {
        if (isLeaving) asked[index]?.abort.abort();
        else open.get(`${index}`)?.answer('answered');
        if (index % 2 === 0) await settle();
      }
      for (const { key } of [...asked, ...asked]) {
        await settle();
        open.get(key)?.answer('answered');
      }
      for (const { answer } of asked) expect(['answered', 'left']).toContain(await answer);
      // Both places are free again.
      const last = [ask('x'), ask('y')];
      await settle();
      for (const key of ['x', 'y']) open.get(key)?.answer(key);
      expect(await Promise.all(last)).toEqual(['x', 'y']);
    }),
    { numRuns: 50 },
  );
});
