import { expect, test } from 'vitest';
import type { Pieces } from '../api/protocol/api-message.ts';
import { type NodeListing, respondDebugNodes } from './debug-nodes.ts';

const listingOf = (count: number): NodeListing => ({
  replica: () => ({ watchesInStep: true }),
  nodes: () => Array.from({ length: count }, (_, index) => ({ name: `n${index}` })),
  node: (name) => (name === 'n1' ? { name, peer: '<b>' } : undefined),
});

function ask(url: string, { method = 'GET', count = 2 } = {}) {
  const [path = '', query] = url.split('?');
  const answer = respondDebugNodes(
    { method, path, query: new URLSearchParams(query), header: () => undefined },
    listingOf(count),
  );
  if (answer === undefined) return undefined;
  const { body, status, headers } = answer;
  const pieces = typeof body === 'string' ? [Buffer.from(body)] : [...(body as Pieces)];
  return { status, headers, pieces: pieces.length, text: Buffer.concat(pieces as Buffer[]).toString() };
}

test('respondDebugNodes() lists the replica and then each node on a line of its own', () => {
  const answer = ask('/debug/nodes');
  expect(answer?.status).toBe(200);
  expect(answer?.headers).toMatchObject({
    'Content-Type': 'application/json',
    'X-Content-Type-Options': 'nosniff',
  });
  expect(answer?.text).toBe(
    '{"replica":{"watchesInStep":true},"nodes":[\n{"name":"n0"},\n{"name":"n1"}\n]}\n',
  );
});

test.each([0, 1, 100, 101, 1_000])(
  'respondDebugNodes() lists %i nodes in pieces that are JSON together',
  (count) => {
    const answer = ask('/debug/nodes', { count });
    expect(JSON.parse(answer?.text ?? '').nodes).toHaveLength(count);
    expect(answer?.pieces).toBe(1 + Math.floor(count / 100));
  },
);

test('respondDebugNodes() answers a single node for reading', () => {
  expect(ask('/debug/nodes/n1')?.text).toBe('{\n  "name": "n1",\n  "peer": "<b>"\n}\n');
  expect(ask('/debug/nodes/n%31')?.status).toBe(200);
});

test.each([
  ['/debug/nodes/n9', 'GET', 404],
  ['/debug/nodes/', 'GET', 404],
  ['/debug/nodes/n1/', 'GET', 404],
  ['/debug/nodes/n1/pods', 'GET', 404],
  ['/debug/nodes/__proto__', 'GET', 404],
  ['/debug/nodes/%zz', 'GET', 400],
  ['/debug/nodes?timeout=soon', 'GET', 400],
  ['/debug/nodes', 'POST', 405],
  ['/debug/nodes/n1', 'DELETE', 405],
])('respondDebugNodes() answers %s with %s by a Status of %i', (url, method, status) => {
  const answer = ask(url, { method });
  expect(answer?.status).toBe(status);
  expect(JSON.parse(answer?.text ?? '')).toMatchObject({ kind: 'Status', code: status });
});

test.each(['/debug', '/debug/', '/debug/nodesx', '/metrics', '/'])(
  'respondDebugNodes() leaves %s to others',
  (url) => {
    expect(ask(url)).toBeUndefined();
  },
);
