import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import type { AgentCredential, AgentIdentity } from './agent-identity.ts';
import type { AgentRefusal } from './agent-node.ts';
import { minuteMs } from './fixture-identity.ts';
import { StreamLeases } from './stream-leases.ts';

const hourMs = 60 * minuteMs;
const secondMs = 1_000;
const away: AgentRefusal = {
  refused: 'the API server cannot review the token now',
  code: 'unavailable',
  reason: 'agent whose token cannot be reviewed now',
  cause: 'connect ECONNREFUSED',
};
const invalid: AgentRefusal = {
  refused: 'token is not valid for audience "a"',
  code: 'unauthenticated',
  reason: 'agent without a valid identity',
};
const gone: AgentRefusal = {
  refused: 'the pod of the token is gone',
  code: 'unauthenticated',
  reason: 'agent whose pod is gone',
};

function leases({ random = () => 0.5 }: { readonly random?: () => number } = {}) {
  const { log, lines } = keptLog();
  const state = {
    nowMs: 0,
    displaced: undefined as AgentRefusal | undefined,
    underWay: 0,
    mostUnderWay: 0,
    /** By node, when. */
    reviews: [] as { readonly node: string; readonly atMs: number }[],
    review: async (agent: AgentCredential): Promise<AgentIdentity> => ({ ...agent, reviewedMs: state.nowMs }),
  };
  const streams = new StreamLeases({
    log,
    monotonicMs: () => state.nowMs,
    random,
    identifier: {
      displaced: () => state.displaced,
      async identifyAgain(agent) {
        state.reviews.push({ node: agent.node, atMs: state.nowMs });
        state.underWay += 1;
        state.mostUnderWay = Math.max(state.mostUnderWay, state.underWay);
        try {
          return await state.review(agent);
        } finally {
          state.underWay -= 1;
        }
      },
    },
  });
  const ends: { readonly node: string; readonly atMs: number; readonly why: AgentRefusal }[] = [];
  return {
    ...{ ends, lines, state },
    open: (node: string, lasts: Partial<AgentCredential> = {}) =>
      streams.open(
        {
          ...{ role: 'agent' as const, node, podName: node, podUid: node, peer: node, token: node },
          ...{ reviewedMs: state.nowMs, endsMs: undefined, lastsMs: undefined, ...lasts },
        },
        (why) => ends.push({ node, atMs: state.nowMs, why }),
      ),
    /** Sweeps every second for so long. */
    async pass(ms: number) {
      for (const endMs = state.nowMs + ms; state.nowMs < endMs; ) {
        state.nowMs += secondMs;
        streams.sweep();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
}

/** A token of an hour that was issued just now. */
const ofAnHour = { endsMs: hourMs, lastsMs: hourMs };

test('StreamLeases ends streams spread over the last tenth of their tokens’ lives, and none after it', async () => {
  let seed = 0;
  const random = () => {
    seed = (seed + 0.618_034) % 1;
    return seed;
  };
  const { ends, open, pass } = leases({ random });
  for (let index = 0; index < 200; index += 1) open(`n${index}`, ofAnHour);
  await pass(hourMs);
  expect(ends).toHaveLength(200);
  expect(ends[0]?.why).toEqual({
    refused: 'token expires: connect again with its successor',
    code: 'unauthenticated',
    reason: 'agent whose token expires',
  });
  const perSecond = Map.groupBy(ends, ({ atMs }) => atMs);
  expect(Math.min(...perSecond.keys())).toBeGreaterThanOrEqual(hourMs - 6 * minuteMs - 5_000);
  expect(Math.max(...perSecond.keys())).toBeLessThanOrEqual(hourMs - 4_000);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBeLessThanOrEqual(2);
});

test('StreamLeases ends no stream after its token’s end, nor before its last fifth, however long it lasts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 10, max: 2_000 }),
      fc.nat(100),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      async (lastsSeconds, usedPercent, chance) => {
        const lastsMs = lastsSeconds * secondMs;
        const endsMs = Math.round(lastsMs * (1 - usedPercent / 100));
        const { ends, open, pass } = leases({ random: () => chance });
        open('n1', { endsMs, lastsMs });
        await pass(endsMs + secondMs);
        const endedMs = ends[0]?.atMs ?? Number.NaN;
        // Looked at once a second; one that was opened at its very end ends with the next look.
        expect(endedMs).toBeLessThanOrEqual(Math.max(endsMs, secondMs));
        expect(endedMs).toBeGreaterThanOrEqual(Math.min(endsMs - lastsMs / 5, endedMs + 1));
      },
    ),
    { numRuns: 30 },
  );
});

test('StreamLeases lets an agent whose file still has the same token stay until shortly before its end', async () => {
  const { ends, open, pass } = leases();
  open('n1', { endsMs: 3 * minuteMs, lastsMs: hourMs });
  await pass(3 * minuteMs);
  expect(ends).toMatchObject([{ atMs: 3 * minuteMs - 5_000 }]);
});

test('StreamLeases reviews every stream again after 2.5 to 5 minutes, and so on', async () => {
  let chance = 0;
  const { ends, open, pass, state } = leases({ random: () => chance });
  open('n1');
  chance = 0.999_999;
  open('n2');
  await pass(5 * minuteMs);
  expect(state.reviews).toEqual([
    { node: 'n1', atMs: 2.5 * minuteMs },
    { node: 'n2', atMs: 5 * minuteMs },
  ]);
  await pass(10 * minuteMs);
  expect(state.reviews.length).toBeGreaterThanOrEqual(5);
  expect(ends).toEqual([]);
});

test('StreamLeases ends a stream whose token the API server no longer calls valid, and no other', async () => {
  const { ends, open, pass, state } = leases();
  for (const node of ['n1', 'n2']) open(node);
  state.review = async (agent) => (agent.node === 'n1' ? invalid : agent);
  await pass(5 * minuteMs);
  expect(ends).toMatchObject([
    {
      node: 'n1',
      why: {
        refused: 'token is no longer valid',
        code: 'unauthenticated',
        reason: 'agent whose token has become invalid',
      },
    },
  ]);
});

test('StreamLeases ends a stream with the next look where the watch has something against its pod', async () => {
  const { ends, open, pass, state } = leases();
  open('n1');
  await pass(secondMs);
  state.displaced = gone;
  await pass(secondMs);
  expect(ends).toEqual([{ node: 'n1', atMs: 2 * secondMs, why: gone }]);
  await pass(10 * minuteMs);
  expect(ends).toHaveLength(1);
});

test('StreamLeases has eight reviews under way at once, and begins fifty in a second', async () => {
  const { open, pass, state } = leases();
  for (let index = 0; index < 1_000; index += 1) open(`n${index}`);
  await pass(5 * minuteMs);
  expect(state.reviews.length).toBeGreaterThanOrEqual(1_000);
  expect(state.mostUnderWay).toBe(8);
  const perSecond = Map.groupBy(state.reviews, ({ atMs }) => atMs);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBe(50);
});

test('StreamLeases lets streams go on for an hour while the API server is away, says so once, and asks rarely', async () => {
  const { ends, lines, open, pass, state } = leases();
  for (let index = 0; index < 100; index += 1) open(`n${index}`);
  state.review = async () => away;
  await pass(hourMs - secondMs);
  expect(ends).toEqual([]);
  expect(lines).toMatchObject([
    { level: 40, streams: 100, why: 'connect ECONNREFUSED', msg: expect.stringMatching(/an hour at most$/) },
  ]);
  // Eight every ten seconds at most.
  expect(state.reviews.length).toBeLessThanOrEqual(8 * 6 * 60);
  await pass(secondMs);
  expect(ends).toHaveLength(100);
  expect(ends[0]?.why).toMatchObject({
    code: 'unavailable',
    reason: 'agent whose token could not be reviewed for an hour',
  });
});

test('StreamLeases reviews all that wait for it within minutes once the API server is back, and says so', async () => {
  const { ends, lines, open, pass, state } = leases();
  for (let index = 0; index < 500; index += 1) open(`n${index}`);
  const back = state.review;
  state.review = async () => away;
  await pass(15 * minuteMs);
  state.review = back;
  state.reviews = [];
  await pass(1 * minuteMs);
  expect(new Set(state.reviews.map(({ node }) => node)).size).toBe(500);
  expect(ends).toEqual([]);
  expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'tokens of open streams are reviewed again' });
});

test('StreamLeases is not held up by one token that can never be reviewed', async () => {
  const { open, pass, state } = leases();
  for (let index = 0; index < 20; index += 1) open(`n${index}`);
  state.review = async (agent) => (Number(agent.node.slice(1)) < 8 ? away : agent);
  await pass(10 * minuteMs);
  expect(new Set(state.reviews.map(({ node }) => node)).size).toBe(20);
});

test('StreamLeases forgets a stream that was closed, also one under review', async () => {
  const { ends, open, pass, state } = leases();
  const answer = Promise.withResolvers<AgentIdentity>();
  state.review = () => answer.promise;
  const closed = open('n1');
  open('n2').close();
  await pass(5 * minuteMs);
  expect(state.reviews).toMatchObject([{ node: 'n1' }]);
  closed.close();
  answer.resolve(invalid);
  await pass(hourMs);
  expect(ends).toEqual([]);
});
