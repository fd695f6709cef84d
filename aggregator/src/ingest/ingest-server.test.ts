import { createServer } from 'node:net';
import type { Directive, NodeReport } from '@tacho/proto';
import { beforeAll, expect, test, vi } from 'vitest';
import {
  type CertificateAndKey,
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { AgentIdentifier } from './agent-identity.ts';
import { FixtureAgent, serverName } from './fixture-agent.ts';
import { IngestServer } from './ingest-server.ts';
import { Refusals } from './refusals.ts';

const directive: Directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
const username = 'system:serviceaccount:tacho:tacho-agent';
const eventually = (assertion: () => void) => vi.waitFor(assertion, { interval: 5, timeout: 3_000 });
let ca: CertificateAuthority;
let serving: CertificateAndKey;
beforeAll(async () => {
  ca = await createCertificateAuthority('serving-ca');
  serving = await ca.issueServing([serverName]);
});

/** A listener to which token `<node>` or `<node>/<pod>` speaks for that node and `thief` is of another account. */
async function listen() {
  const { log, lines } = keptLog();
  const refusals = new Refusals(log, () => performance.now());
  const accepted: [node: string, sample: number][] = [];
  /** Pods that must give way to any other, by UID. */
  const outdated = new Set<string | undefined>();
  const told = { directive };
  /** What a review waits for. */
  const review = { until: Promise.resolve(), asked: 0 };
  const server = new IngestServer({
    log,
    refusals,
    identifier: new AgentIdentifier(
      {
        monotonicMs: () => performance.now(),
        async reviewToken(token, audiences) {
          review.asked += 1;
          await review.until;
          if (token === 'bad') return undefined;
          const [node = '', pod = 'tacho-agent-x'] = token.split('/');
          const extra = {
            'authentication.kubernetes.io/pod-name': [pod],
            'authentication.kubernetes.io/pod-uid': [`${pod}-uid`],
            'authentication.kubernetes.io/node-name': [node],
          };
          const name = token === 'thief' ? 'system:serviceaccount:default:thief' : username;
          return { username: name, uid: '', groups: [], extra, audiences };
        },
      },
      { audience: 'tacho-aggregator', username },
    ),
    directive: () => told.directive,
    isOutdatedBy: (uid) => outdated.has(uid),
    accept: (node, { sampleMonotonicUsec }) => accepted.push([node, sampleMonotonicUsec]),
    monotonicMs: () => performance.now(),
    wallMs: () => Date.now(),
  });
  server.serveWith({ cert: Buffer.from(serving.certificate), key: Buffer.from(serving.key) });
  const port = await server.listen('127.0.0.1:0');
  return {
    ...{ server, port, accepted, review, lines, outdated, told },
    counts: () => Object.fromEntries(refusals.counts()),
    agent: (token: string, bundle: string | undefined = ca.certificate) =>
      new FixtureAgent(port, bundle, `Bearer ${token}`),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const report = (sampleMonotonicUsec: number): { report: NodeReport } => ({
  report: { sampleMonotonicUsec, pods: [] },
});

test('IngestServer greets an agent, then takes its reports for the node of its token', async () => {
  await using ingest = await listen();
  using agent = ingest.agent('n1');
  agent.say({ hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2' } });
  agent.say(report(7));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 7]]));
  agent.say(report(8));
  await eventually(() => expect(ingest.accepted).toHaveLength(2));
  expect(agent.received).toEqual([{ directive }, { echo: { nonce: 1 } }]);
  expect(ingest.server.connectedNodes()).toEqual(['n1']);
  expect(ingest.counts()).toEqual({});
});

test('IngestServer takes what an agent said while its token was under review', async () => {
  await using ingest = await listen();
  const { promise, resolve } = Promise.withResolvers<void>();
  ingest.review.until = promise;
  using agent = ingest.agent('n1');
  for (const message of [report(1), report(2), report(3)]) agent.say(message);
  await eventually(() => expect(ingest.review.asked).toBe(1));
  expect(ingest.accepted).toEqual([]);
  resolve();
  await eventually(() => expect(ingest.accepted.at(-1)).toEqual(['n1', 3]));
});

test.each([
  ['no token', undefined, 'UNAUTHENTICATED', 'no bearer token in the call'],
  ['a token for another audience', 'Bearer bad', 'UNAUTHENTICATED', /not valid for audience/],
  [
    'a token of another account',
    'Bearer thief',
    'PERMISSION_DENIED',
    /is of system:serviceaccount:default:thief/,
  ],
])('IngestServer refuses a call with %s, and counts it', async (_, authorization, code, details) => {
  await using ingest = await listen();
  using agent = new FixtureAgent(ingest.port, ca.certificate, authorization);
  agent.say(report(1));
  expect(await agent.ended).toEqual({ code, details: expect.stringMatching(details) });
  expect(agent.received).toEqual([]);
  expect(ingest.accepted).toEqual([]);
  expect(Object.values(ingest.counts())).toEqual([1]);
  expect(Object.keys(ingest.counts())).toEqual([
    code === 'PERMISSION_DENIED'
      ? 'agent with the identity of somebody else'
      : 'agent without a valid identity',
  ]);
  expect(ingest.lines[0]).toMatchObject({ peer: expect.stringMatching(/127\.0\.0\.1/) });
});

test('IngestServer hears a second stream of a node from its first report on, and the first one until then', async () => {
  await using ingest = await listen();
  using first = ingest.agent('n1');
  await eventually(() => expect(first.received).toHaveLength(2));
  using second = ingest.agent('n1');
  await eventually(() => expect(second.received).toHaveLength(2));
  first.say(report(1));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 1]]));
  second.say(report(100));
  expect(await first.ended).toEqual({
    code: 'ABORTED',
    details: 'a newer agent of the same node has taken over',
  });
  second.say(report(101));
  await eventually(() =>
    expect(ingest.accepted.slice(1)).toEqual([
      ['n1', 100],
      ['n1', 101],
    ]),
  );
  expect(ingest.server.connectedNodes()).toEqual(['n1']);
  expect(ingest.counts()).toEqual({});
});

test('IngestServer no longer hears a stream from the instant at which another has reported', async () => {
  await using ingest = await listen();
  using first = ingest.agent('n1');
  await eventually(() => expect(first.received).toHaveLength(2));
  let sample = 1;
  const talking = setInterval(() => {
    for (const end = sample + 20; sample < end; sample += 1) first.say(report(sample));
  });
  await eventually(() => expect(ingest.accepted.length).toBeGreaterThan(100));
  using second = ingest.agent('n1');
  second.say(report(0));
  await first.ended;
  clearInterval(talking);
  expect(ingest.accepted.at(-1)).toEqual(['n1', 0]);
});

test('IngestServer lets a new pod’s agent take over, and refuses the old one for as long as the new one lives', async () => {
  await using ingest = await listen();
  ingest.outdated.add('old-uid');
  using old = ingest.agent('n1/old');
  old.say(report(1));
  await eventually(() => expect(ingest.accepted).toHaveLength(1));
  const young = ingest.agent('n1/new');
  young.say(report(2));
  expect(await old.ended).toMatchObject({ code: 'ABORTED' });
  using again = ingest.agent('n1/old');
  again.say(report(3));
  expect(await again.ended).toMatchObject({ code: 'ABORTED' });
  expect(again.received).toEqual([]);
  expect(ingest.accepted).toEqual([
    ['n1', 1],
    ['n1', 2],
  ]);
  young[Symbol.dispose]();
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual([]));
  using back = ingest.agent('n1/old');
  back.say(report(4));
  await eventually(() => expect(ingest.accepted.at(-1)).toEqual(['n1', 4]));
});

test('IngestServer.sendDirective() tells every stream, also one that has not reported, and later ones', async () => {
  await using ingest = await listen();
  using one = ingest.agent('n1');
  using other = ingest.agent('n2');
  await eventually(() => expect([one.received.length, other.received.length]).toEqual([2, 2]));
  using waiting = ingest.agent('n2');
  await eventually(() => expect(waiting.received).toHaveLength(2));
  const peers = ['10.0.0.1:10251', '10.0.0.2:10251'];
  ingest.told.directive = { ...directive, peers };
  ingest.server.sendDirective();
  using late = ingest.agent('n3');
  for (const agent of [one, other, waiting]) {
    await eventually(() => expect(agent.received[2]).toEqual({ directive: { ...directive, peers } }));
  }
  await eventually(() => expect(late.received[0]).toEqual({ directive: { ...directive, peers } }));
});

test('IngestServer forgets a stream that its agent closes or breaks off', async () => {
  await using ingest = await listen();
  using polite = ingest.agent('n1');
  const rude = ingest.agent('n2');
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual(['n1', 'n2']));
  polite.hangUp();
  rude[Symbol.dispose]();
  expect(await polite.ended).toMatchObject({ code: 'OK' });
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual([]));
});

test('IngestServer keeps no stream of a call that was broken off while its token was under review', async () => {
  await using ingest = await listen();
  const { promise, resolve } = Promise.withResolvers<void>();
  ingest.review.until = promise;
  const agent = ingest.agent('n1');
  await eventually(() => expect(ingest.review.asked).toBe(1));
  agent[Symbol.dispose]();
  await agent.ended;
  resolve();
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual([]));
});

test('IngestServer is not for plain text, nor for a client that trusts another CA', async () => {
  await using ingest = await listen();
  using plain = new FixtureAgent(ingest.port, undefined, 'Bearer n1');
  const other = await createCertificateAuthority('serving-ca');
  using stranger = ingest.agent('n1', other.certificate);
  expect(await plain.ended).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await stranger.ended).toMatchObject({ code: 'UNAVAILABLE' });
  expect(ingest.server.connectedNodes()).toEqual([]);
});

test('IngestServer refuses a message of 5 MiB and harms no other stream', async () => {
  await using ingest = await listen();
  using good = ingest.agent('n1');
  using large = ingest.agent('n2');
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual(['n1', 'n2']));
  large.say({ hello: { nodeName: 'x'.repeat(5 * 1024 * 1024), agentVersion: '', cgroupMode: '' } });
  expect(await large.ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  good.say(report(1));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 1]]));
  await eventually(() => expect(ingest.server.connectedNodes()).toEqual(['n1']));
});

test('IngestServer.close() ends streams with UNAVAILABLE, and promptly', { timeout: 4_000 }, async () => {
  const ingest = await listen();
  using agent = ingest.agent('n1');
  await eventually(() => expect(agent.received).toHaveLength(2));
  await ingest.server.close();
  expect(await agent.ended).toEqual({ code: 'UNAVAILABLE', details: 'aggregator is stopping' });
  expect(ingest.server.connectedNodes()).toEqual([]);
  using late = ingest.agent('n1');
  expect(await late.ended).toMatchObject({ code: 'UNAVAILABLE' });
});

test('IngestServer.listen() rejects where the port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await using ingest = await listen();
  await expect(ingest.server.listen(`127.0.0.1:${port}`)).rejects.toThrow(/EADDRINUSE|bind/);
  taken.close();
});
