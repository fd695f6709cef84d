import { expect, test } from 'vitest';
import { compare, haveSamePods } from './comparison.ts';
import type { Answer, Answers, SharedRequest } from './exchange.ts';
import { reportOf } from './report.ts';
import { asked } from './requests/request-table.ts';

function json(value: unknown): Answer {
  return {
    status: 200,
    headers: { 'content-type': ['application/json'] },
    body: Buffer.from(JSON.stringify(value)).toString('base64'),
    cut: false,
  };
}

const same: Answers = { tacho: json({ a: 1 }), metricsServer: json({ a: 1 }) };
const other: Answers = { tacho: json({ a: 1 }), metricsServer: json({ a: 2 }) };
const swap: Answers = { tacho: json({ usage: { swap: '0' } }), metricsServer: json({ usage: {} }) };

/** Answers by path, one after another; the last goes on. */
function scripted(script: Readonly<Record<string, readonly Answers[]>>) {
  const rounds: string[][] = [];
  return {
    rounds,
    async ask(_identities: unknown, requests: readonly SharedRequest[]) {
      const before = rounds.length;
      rounds.push(requests.map(({ path }) => path));
      return requests.map(({ path }) => {
        const answers = script[path] ?? [];
        const answer = answers[Math.min(before, answers.length - 1)];
        if (answer === undefined) throw new Error(`nothing is written for ${path}`);
        return answer;
      });
    },
  };
}

const now = async () => undefined;

test('compare() asks again what differed, and forgets what does no longer', async () => {
  const peers = scripted({ '/same': [same], '/once': [other, same], '/always': [other] });
  const requests = ['/same', '/once', '/always'].map((path) => asked(path));
  const { unexpected, asked: count } = await compare(peers, {}, requests, now);
  expect(count).toBe(3);
  expect(peers.rounds).toEqual([['/same', '/once', '/always'], ['/once', '/always'], ['/always']]);
  expect(unexpected.map(({ request, where }) => [request.path, where])).toEqual([['/always', 'body .a']]);
  expect(reportOf(unexpected)).toBe(
    [
      'body .a',
      '  tacho:          1',
      '  metrics-server: 2',
      '    GET /always as proxied administrator',
    ].join('\n'),
  );
});

test('compare() counts what is expected and does not ask for it again', async () => {
  const peers = scripted({ '/swap': [swap] });
  const { unexpected, met } = await compare(peers, {}, [asked('/swap')], now);
  expect(unexpected).toEqual([]);
  expect([...met].map(([{ why }, count]) => [why.includes('swap'), count])).toEqual([[true, 1]]);
  expect(peers.rounds).toHaveLength(1);
});

const pods = (...names: string[]) =>
  json({ items: names.map((name) => ({ metadata: { namespace: 'a', name } })) });

test.each([
  { ours: ['x', 'y'], theirs: ['y', 'x'], found: true },
  { ours: ['x'], theirs: ['x', 'y'], found: false },
  { ours: ['y'], theirs: ['y'], found: false },
])(
  'haveSamePods() says $found for $ours and $theirs when x must be there',
  async ({ ours, theirs, found }) => {
    const answers = { tacho: pods(...ours), metricsServer: pods(...theirs) };
    const peers = scripted({ '/apis/metrics.k8s.io/v1beta1/pods': [answers] });
    expect(await haveSamePods(peers, {}, ['a/x'])).toBe(found);
  },
);
