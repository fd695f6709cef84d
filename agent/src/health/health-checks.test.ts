import { expect, test } from 'vitest';
import { answerHealth } from '../../../listener/src/health-answer.ts';
import { agentHealth, type HealthFacts } from './health-checks.ts';

const well: HealthFacts = {
  nowUsec: 100_000_000,
  periodUsec: 5_000_000,
  lastTickUsec: 85_000_000,
  canName: true,
  replicas: [{ connected: false }, { connected: true }],
};
const answer = (path: string, facts: Partial<HealthFacts> = {}, isVerbose = false) =>
  answerHealth(
    path,
    isVerbose,
    agentHealth(() => ({ ...well, ...facts })),
  );

test.each(['/livez', '/readyz', '/livez/ping', '/readyz/names', '/readyz/tick', '/readyz/replica'])(
  'answerHealth() of a well agent says ok at %s',
  (path) => {
    expect(answer(path)).toEqual({ status: 200, body: 'ok' });
  },
);

test('answerHealth() lists each check where that is asked for', () => {
  expect(answer('/readyz', {}, true)?.body).toBe(
    '[+]ping ok\n[+]names ok\n[+]tick ok\n[+]replica ok\nreadyz check passed\n',
  );
});

const elsewhere = 'the agent’s log and its debug endpoint say why';
/** Whoever reaches the port must not read the second of these. */
const refused = { connected: false, lastError: '10.0.0.2:10251 refused' };
test.each<[string, Partial<HealthFacts>, string]>([
  ['names', { canName: false }, `containers cannot be named; ${elsewhere}`],
  ['tick', { lastTickUsec: 84_999_999 }, 'the node was read 15 s ago, expected once each 5 s'],
  ['tick', { lastTickUsec: undefined }, 'the node has not been read yet'],
  ['replica', { replicas: [] }, `no stream to an aggregator is open; ${elsewhere}`],
  ['replica', { replicas: [refused] }, `no stream to an aggregator is open; ${elsewhere}`],
])('answerHealth() is not ready for the check %s (%j), alive all the same', (name, facts, reason) => {
  expect(answer('/livez', facts)?.status).toBe(200);
  expect(answer('/readyz', facts)).toMatchObject({
    status: 500,
    body: expect.stringContaining(`[-]${name} failed: reason withheld\n`),
  });
  expect(answer(`/readyz/${name}`, facts)).toEqual({
    status: 500,
    body: `internal server error: ${reason}\n`,
  });
});

test.each([
  '/',
  '/healthz',
  '/readyz/',
  '/readyz/other',
  '/readyz/toString',
  '/livez/tick',
  '/readyz/tick/x',
])('answerHealth() knows nothing of %s', (path) => {
  expect(answer(path)).toBeUndefined();
});
