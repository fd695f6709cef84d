import { connect } from 'node:http2';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { createCertificateAuthority } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureAgent, serverName } from './fixture-agent.ts';
import { directive, listen, report } from './fixture-ingest.ts';

test('IngestServer greets an agent, then takes its reports for the node of its token', async () => {
  await using ingest = await listen();
  using agent = ingest.agent('n1');
  const ca = Buffer.alloc(32, 1);
  agent.say({
    hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2', trustedCaSha256: [ca] },
  });
  await eventually(() => expect(ingest.server.distrusting(['n1', 'n2'], ca.toString('hex'))).toEqual(['n2']));
  agent.say(report(7));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 7]]));
  agent.say(report(8));
  await eventually(() => expect(ingest.accepted).toHaveLength(2));
  expect(agent.received).toEqual([{ directive }, { echo: { nonce: 1 } }]);
  expect(ingest.counts()).toEqual({});
});

test('IngestServer knows who is connected, and what was last known of who was, until the node is forgotten', async () => {
  await using ingest = await listen();
  const { server } = ingest;
  const agent = ingest.agent('n1');
  agent.say(report(7));
  await eventually(() => expect(ingest.accepted).toHaveLength(1));
  const [connection] = server.connections();
  expect(connection).toMatchObject({ node: 'n1', podUid: 'tacho-agent-x-uid' });
  expect(connection?.peer).toMatch(/127\.0\.0\.1:\d+$/);
  expect(connection?.talk.facts().lastReport?.arrivedMs).toBeGreaterThanOrEqual(connection?.sinceMs ?? NaN);
  expect(server.endedStream('n1')).toBeUndefined();
  agent[Symbol.dispose]();
  await eventually(() => expect(server.connections()).toEqual([]));
  server.forgetNodes((node) => node === 'n1');
  expect(server.endedStream('n1')?.facts.lastReport).toBeDefined();
  server.forgetNodes(() => false);
  expect(server.endedStream('n1')).toBeUndefined();
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
  using agent = new FixtureAgent(ingest.port, ingest.ca.certificate, authorization);
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

test('IngestServer forgets a stream that its agent closes or breaks off', async () => {
  await using ingest = await listen();
  using polite = ingest.agent('n1');
  const rude = ingest.agent('n2');
  await Promise.all([polite.greeted, rude.greeted]);
  polite.hangUp();
  rude[Symbol.dispose]();
  expect(await polite.ended).toMatchObject({ code: 'OK' });
  await Promise.all([ingest.forgotten('n1'), ingest.forgotten('n2')]);
});

test('IngestServer reads nothing of a call before its agent is known', async () => {
  await using ingest = await listen();
  const { promise, resolve } = Promise.withResolvers<void>();
  ingest.review.until = promise;
  using stranger = ingest.agent('thief');
  // Read, it would end the call with RESOURCE_EXHAUSTED at once.
  stranger.say({ hello: { nodeName: 'x'.repeat(5 * 1024 * 1024), agentVersion: '', cgroupMode: '' } });
  await eventually(() => expect(ingest.review.asked).toBe(1));
  // What this one says, later and on a connection of its own, is served before.
  using polite = new FixtureAgent(ingest.port, ingest.ca.certificate);
  expect(await polite.ended).toMatchObject({ code: 'UNAUTHENTICATED' });
  resolve();
  expect(await stranger.ended).toMatchObject({ code: 'PERMISSION_DENIED' });
});

test('IngestServer serves four streams of one connection at once, and no fifth', async () => {
  await using ingest = await listen();
  const { promise, resolve } = Promise.withResolvers<void>();
  ingest.review.until = promise;
  const session = connect(`https://127.0.0.1:${ingest.port}`, {
    ca: ingest.ca.certificate,
    servername: serverName,
  });
  const limit = new Promise<number | undefined>((told) =>
    session.once('remoteSettings', ({ maxConcurrentStreams }) => told(maxConcurrentStreams)),
  );
  expect(await limit).toBe(4);
  const open = (pod: number) =>
    session.request({
      ':method': 'POST',
      ':path': '/tacho.v1.Ingest/Push',
      'content-type': 'application/grpc',
      te: 'trailers',
      authorization: `Bearer n1/${pod}`,
    });
  for (let stream = 1; stream <= 5; stream += 1) open(stream);
  await eventually(() => expect(ingest.review.asked).toBe(4));
  await new Promise((answered) => session.ping(answered));
  expect(ingest.review.asked).toBe(4);
  session.destroy();
  resolve();
});

test('IngestServer keeps no stream of a call that was broken off while its token was under review', async () => {
  await using ingest = await listen();
  const { promise, resolve } = Promise.withResolvers<void>();
  ingest.review.until = promise;
  const agent = ingest.agent('n1');
  agent.say(report(1));
  await eventually(() => expect(ingest.review.asked).toBe(1));
  agent[Symbol.dispose]();
  await agent.ended;
  resolve();
  await ingest.forgotten('n1');
});

test('IngestServer is not for plain text, nor for a client that trusts another CA', async () => {
  await using ingest = await listen();
  using plain = new FixtureAgent(ingest.port, undefined, 'Bearer n1');
  const other = await createCertificateAuthority('serving-ca');
  using stranger = ingest.agent('n1', other.certificate);
  expect(await plain.ended).toMatchObject({ code: 'UNAVAILABLE' });
  expect(await stranger.ended).toMatchObject({ code: 'UNAVAILABLE' });
  expect(ingest.review.asked).toBe(0);
});

test('IngestServer refuses a message of 5 MiB and harms no other stream', async () => {
  await using ingest = await listen();
  using good = ingest.agent('n1');
  using large = ingest.agent('n2');
  await Promise.all([good.greeted, large.greeted]);
  large.say({ hello: { nodeName: 'x'.repeat(5 * 1024 * 1024), agentVersion: '', cgroupMode: '' } });
  expect(await large.ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
  good.say(report(1));
  await eventually(() => expect(ingest.accepted).toEqual([['n1', 1]]));
  await ingest.forgotten('n2');
});

test('IngestServer.close() ends streams with UNAVAILABLE, and promptly', async () => {
  const ingest = await listen();
  using agent = ingest.agent('n1');
  await eventually(() => expect(agent.received).toHaveLength(2));
  await ingest.server.close();
  expect(await agent.ended).toEqual({ code: 'UNAVAILABLE', details: 'aggregator is stopping' });
  using late = ingest.agent('n1');
  expect(await late.ended).toMatchObject({ code: 'UNAVAILABLE' });
});

test('IngestServer.listen() rejects where the port is taken', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  await expect(listen({}, { port })).rejects.toThrow(/EADDRINUSE/);
  taken.close();
});
