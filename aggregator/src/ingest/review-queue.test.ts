import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReviewQueue, type ReviewQueueOptions, usualQueue, type WaitingReview } from './review-queue.ts';

const review = (peer: string, known = false) => ({ peer, known });
const unlimited: ReviewQueueOptions = {
  mostAtOnce: 1_000,
  mostUnknownAtOnce: 1_000,
  perSecond: 1_000_000,
  mostWaiting: 1_000,
  suspectForMs: 60_000,
  mostAtOnceOfSuspect: 1_000,
  suspectPauseMs: 0,
};
const queueOf = (options: Partial<ReviewQueueOptions> = {}) => new ReviewQueue({ ...unlimited, ...options });

/** All that may begin now, by peer. */
function takeAll(queue: ReviewQueue<WaitingReview>, nowMs = 0): string[] {
  const peers: string[] = [];
  for (let next = queue.take(nowMs); next !== undefined; next = queue.take(nowMs)) peers.push(next.peer);
  return peers;
}

test('ReviewQueue.take() takes one of each peer in turn, in the order in which they came', () => {
  const queue = queueOf();
  for (const peer of ['a', 'a', 'a', 'b', 'c', 'b']) queue.add(review(peer));
  expect(queue.waiting).toBe(6);
  expect(takeAll(queue)).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
  expect(queue.waiting).toBe(0);
});

test('ReviewQueue.take() takes tokens that were seen valid before all others', () => {
  const queue = queueOf();
  queue.add(review('stranger'));
  queue.add(review('agent', true));
  expect(takeAll(queue)).toEqual(['agent', 'stranger']);
});

test('ReviewQueue.take() lets any other peer go before a waiting one once at most, whatever comes when', () => {
  const arrivals = fc.array(
    fc.oneof(
      fc.nat(9).map((peer) => `p${peer}`),
      fc.constant('flood'),
      fc.constant(undefined),
    ),
    { maxLength: 300 },
  );
  fc.assert(
    fc.property(arrivals, fc.boolean(), (steps, known) => {
      const queue = queueOf();
      /** Who went before each peer since its oldest review waits. */
      const before = new Map<string, Map<string, number>>();
      const counts = new Map<string, number>();
      const take = () => {
        const taken = queue.take(0)?.peer;
        if (taken === undefined) return;
        for (const [peer, others] of before) {
          if (peer !== taken) others.set(taken, (others.get(taken) ?? 0) + 1);
        }
        expect(Math.max(0, ...(before.get(taken)?.values() ?? []))).toBeLessThanOrEqual(1);
        const left = (counts.get(taken) ?? 0) - 1;
        counts.set(taken, left);
        if (left > 0) before.set(taken, new Map());
        else before.delete(taken);
      };
      for (const peer of steps) {
        if (peer === undefined) take();
        else if (queue.add(review(peer, known)) === undefined) {
          counts.set(peer, (counts.get(peer) ?? 0) + 1);
          if (!before.has(peer)) before.set(peer, new Map());
        }
      }
      while (queue.waiting > 0) take();
      expect([...before]).toEqual([]);
    }),
  );
});

test('ReviewQueue never exceeds a bound, and loses nothing but what it says', () => {
  const options = {
    ...{ mostAtOnce: 5, mostUnknownAtOnce: 3, mostWaiting: 12, perSecond: 100 },
    ...{ suspectForMs: 200, mostAtOnceOfSuspect: 2, suspectPauseMs: 20 },
  };
  const step = fc.oneof(
    fc.record({ peer: fc.constantFrom('a', 'b', 'c'), known: fc.boolean() }),
    fc.record({ passMs: fc.nat(30) }),
    fc.record({ end: fc.nat(10), valid: fc.boolean() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new ReviewQueue<WaitingReview>(options);
      const underWay: WaitingReview[] = [];
      const waiting = new Set<WaitingReview>();
      let [nowMs, begun] = [0, 0];
      const begin = () => {
        for (let next = queue.take(nowMs); next !== undefined; next = queue.take(nowMs)) {
          expect(waiting.delete(next)).toBe(true);
          underWay.push(next);
          begun += 1;
          expect(underWay.length).toBeLessThanOrEqual(5);
          expect(underWay.filter(({ known }) => !known).length).toBeLessThanOrEqual(next.known ? 5 : 3);
        }
        expect(begun).toBeLessThanOrEqual(10 + nowMs / 10);
      };
      for (const one of steps) {
        if ('peer' in one) {
          const added = { ...one };
          waiting.add(added);
          const dropped = queue.add(added);
          if (dropped !== undefined) expect(waiting.delete(dropped)).toBe(true);
        } else if ('passMs' in one) nowMs += one.passMs;
        else {
          const [ended] = underWay.splice(one.end % Math.max(1, underWay.length), 1);
          if (ended !== undefined) queue.ended(ended, one.valid, nowMs);
        }
        expect(queue.waiting).toBe(waiting.size);
        expect(queue.waiting).toBeLessThanOrEqual(12);
        begin();
      }
      while (waiting.size > 0) {
        for (const ended of underWay.splice(0)) queue.ended(ended, true, nowMs);
        nowMs += 20;
        begin();
      }
      expect(queue.waiting).toBe(0);
    }),
  );
});

test('ReviewQueue.add() lets the oldest of a peer leave that has more than its share, never one that was seen valid for another', () => {
  const queue = queueOf({ mostWaiting: 4 });
  const flood = Array.from({ length: 5 }, () => review('flood'));
  expect(flood.map((each) => queue.add(each))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    flood[0],
  ]);
  expect(queue.add(review('b'))).toBe(flood[1]);
  expect(queue.add(review('c', true))).toBe(flood[2]);
  const known = Array.from({ length: 4 }, () => review('d', true));
  for (const each of known) expect(queue.add(each)?.known).toBe(each === known[3]);
  const stranger = review('e');
  expect(queue.add(stranger)).toBe(stranger);
  expect(takeAll(queue)).toEqual(['c', 'd', 'd', 'd']);
});

test('ReviewQueue.remove() forgets what nobody waits for, and nothing else', () => {
  const queue = queueOf();
  const [left, kept] = [review('a'), review('a')];
  queue.add(left);
  queue.add(kept);
  queue.remove(left);
  queue.remove(left);
  expect(queue.waiting).toBe(1);
  expect(queue.take(0)).toBe(kept);
  queue.remove(kept);
  expect(queue.waiting).toBe(0);
});

test('ReviewQueue.take() holds back a peer that has shown what is not valid, for a minute, and nobody else', () => {
  const queue = queueOf({ mostAtOnceOfSuspect: 2, suspectPauseMs: 100 });
  const first = review('flood');
  queue.add(first);
  expect(queue.take(0)).toBe(first);
  queue.ended(first, false, 0);
  for (let count = 0; count < 5; count += 1) queue.add(review('flood'));
  queue.add(review('flood', true));
  queue.add(review('agent'));
  expect(takeAll(queue, 0)).toEqual(['flood', 'agent']);
  expect(takeAll(queue, 99)).toEqual([]);
  expect(takeAll(queue, 100)).toEqual(['flood', 'flood']);
  expect(takeAll(queue, 59_999)).toEqual([]);
  expect(takeAll(queue, 60_000)).toEqual(['flood', 'flood', 'flood']);
});

test('ReviewQueue lets agents behind one address have all the turns that nobody else wants', () => {
  const queue = new ReviewQueue<WaitingReview>(usualQueue);
  for (let count = 0; count < 5_000; count += 1) expect(queue.add(review('nat'))).toBeUndefined();
  expect(takeAll(queue, 0)).toHaveLength(24);
});

test('ReviewQueue has 2,000 agents through within 4.5 s beside a peer that floods, at 50 ms for each review', () => {
  const queue = new ReviewQueue<WaitingReview>(usualQueue);
  const underWay: { readonly one: WaitingReview; readonly endMs: number }[] = [];
  let [known, floods, nowMs] = [0, 0, 0];
  for (; nowMs < 60_000 && known < 2_000; nowMs += 1) {
    for (const done of underWay.filter(({ endMs }) => endMs <= nowMs)) {
      underWay.splice(underWay.indexOf(done), 1);
      queue.ended(done.one, done.one.peer !== 'flood', nowMs);
      if (done.one.peer !== 'flood') known += 1;
    }
    // All the agents in the first 100 ms, the flood all the time.
    for (let count = 0; count < 20; count += 1) {
      queue.add(review('flood'));
      if (nowMs < 100) expect(queue.add(review(`agent-${nowMs}-${count}`))).toBeUndefined();
    }
    for (let one = queue.take(nowMs); one !== undefined; one = queue.take(nowMs)) {
      if (one.peer === 'flood') floods += 1;
      underWay.push({ one, endMs: nowMs + 50 });
    }
  }
  expect(nowMs).toBeLessThan(4_500);
  expect(floods).toBeLessThan((nowMs / 1_000) * 40);
});
