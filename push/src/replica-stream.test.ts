import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { getChannelzHandlers, status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { createCertificateAuthority } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { fixtureConnections, report } from './fixture-connections.ts';
import { directive, FixtureReplica, listenOnTheWay } from './fixture-replica.ts';

const { serverName, ca, serving, connect } = await fixtureConnections();

test('ReplicaStream says hello first, then the latest report at once, then each new one', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port);
  agent.push(report(1));
  agent.push(report(2));
  agent.run();
  await eventually(() => expect(replica.samples()).toEqual([2]));
  agent.push(report(3));
  await eventually(() => expect(replica.samples()).toEqual([2, 3]));
  await eventually(() => expect(agent.stream.record.sent).toMatchObject({ sampledAtUsec: 3, reports: 2 }));
  expect(agent.stream.record.heard).toMatchObject({ directive });
  const [first] = replica.calls;
  expect(first?.messages[0]).toMatchObject({
    hello: { nodeName: 'n1', agentVersion: '0.1.0', cgroupMode: 'v2' },
  });
  expect(first?.token).toBe('Bearer token-1');
});

test('ReplicaStream hands directives on, and answers an echo with its clock', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, { monotonicUsec: () => 77 }).run();
  await eventually(() => expect(agent.directives).toEqual([directive]));
  replica.calls[0]?.call.write({ echo: { nonce: 9 } });
  await eventually(() =>
    expect(replica.calls[0]?.messages).toContainEqual({ echoReply: { nonce: 9, monotonicUsec: 77 } }),
  );
});

test('ReplicaStream hands on which nodes are to be pulled', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port).run();
  await eventually(() => expect(agent.directives).toHaveLength(1));
  const nodes = [
    { name: 'n2', addresses: [{ type: 'InternalIP', address: '10.0.0.2' }], kubeletPort: 10_250 },
  ];
  replica.calls[0]?.call.write({ nodesToPull: { nodes } });
  await eventually(() => expect(agent.nodesToPull).toEqual([{ nodes }]));
});

test('ReplicaStream.flush() forgets what a replica that does not read has not been sent: only the newest follows', async () => {
  await using replica = await FixtureReplica.listen(serving);
  using way = await listenOnTheWay(replica.port);
  await using agent = connect(way.port).run();
  await eventually(() => expect(agent.directives).toHaveLength(1));
  way.hold();
  // Larger than a stream's window of 64 KiB, so that the first one is under way until the replica reads.
  const pods = Array.from({ length: 2_000 }, (_, index) => ({
    ...{ namespace: 'default', name: `web-${index}`, uid: 'a'.repeat(36) },
    containers: [{ name: 'app', usage: { cpuNanocores: 1, memoryWorkingSetBytes: 1, windowUsec: 1 } }],
  }));
  for (let sample = 1; sample <= 12; sample += 1) {
    agent.push({ sampleMonotonicUsec: sample, pods });
    await turn();
  }
  way.release();
  await eventually(() => expect(replica.samples()).toEqual([1, 12]));
});

test.each([
  [
    'a CA that has not signed the replica’s certificate',
    /self-signed|unable to (get|verify)|signature/,
    undefined,
  ],
  [
    'another name than the certificate carries',
    /Host: other\.svc\. is not in the cert|altnames/,
    'other.svc',
  ],
])('ReplicaStream refuses %s, and tries again', async (_, why, name) => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, { serverName: name ?? serverName });
  if (name === undefined) {
    writeFileSync(agent.caFile, (await createCertificateAuthority('serving-ca')).certificate);
  }
  agent.run();
  await eventually(() => expect(agent.reasons()[0]).toMatch(why));
  expect(replica.calls).toEqual([]);
  if (name !== undefined) return;
  writeFileSync(agent.caFile, ca.certificate);
  await eventually(() => expect(replica.calls).toHaveLength(1));
});

test('ReplicaStream connects again when the replica comes back on its port, and sends the latest report', async () => {
  const first = await FixtureReplica.listen(serving);
  await using agent = connect(first.port).run();
  agent.push(report(1));
  await eventually(() => expect(first.samples()).toEqual([1]));
  await first[Symbol.asyncDispose]();
  await eventually(() => expect(agent.reasons()).toHaveLength(1));
  agent.push(report(2));
  await using second = await FixtureReplica.listen(serving, { port: first.port });
  await eventually(() => expect(second.samples()).toEqual([2]));
});

test('ReplicaStream reads token anew for each attempt', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port).run();
  await eventually(() => expect(agent.directives).toHaveLength(1));
  writeFileSync(agent.tokenFile, 'token-2\n');
  replica.end(status.UNAVAILABLE, 'stopping');
  await eventually(() =>
    expect(replica.calls.map(({ token }) => token)).toEqual(['Bearer token-1', 'Bearer token-2']),
  );
  expect(agent.reasons()).toEqual(['stopping']);
});

test('ReplicaStream waits longer each time for a replica that ends every stream at once', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port).run();
  const begin = performance.now();
  for (let calls = 1; calls <= 4; calls += 1) {
    await eventually(() => expect(agent.directives).toHaveLength(calls));
    replica.end(status.UNAVAILABLE, 'stopping');
  }
  // The shortest waits, with no luck at all: 50 + 100 + 200 ms.
  expect(performance.now() - begin).toBeGreaterThan(345);
});

test('ReplicaStream leaves a replica that hears a newer agent of its node alone for a while, then asks again', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, { supersededMs: 800 }).run();
  await eventually(() => expect(agent.directives).toHaveLength(1));
  const begin = performance.now();
  replica.end(status.ABORTED, 'a newer agent of the same node has taken over');
  await eventually(() => expect(agent.directives).toHaveLength(2));
  // Half of it at least; an ordinary end would have been answered after 50 ms.
  expect(performance.now() - begin).toBeGreaterThan(395);
});

test('ReplicaStream.state says whether it is connected, since when, and why it was not', async () => {
  let nowUsec = 10;
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, { monotonicUsec: () => nowUsec });
  expect(agent.stream.state).toEqual({ connected: false, sinceUsec: 10, lastError: undefined });
  nowUsec = 20;
  agent.run();
  await eventually(() => expect(agent.states).toHaveLength(1));
  nowUsec = 30;
  replica.end(status.UNAVAILABLE, 'stopping');
  await eventually(() => expect(agent.states).toHaveLength(3));
  expect(agent.states).toEqual([
    { connected: true, sinceUsec: 20, lastError: undefined },
    { connected: false, sinceUsec: 30, lastError: 'stopping' },
    { connected: true, sinceUsec: 30, lastError: 'stopping' },
  ]);
});

test('ReplicaStream takes a missing token file for a reason, leaves no channel behind, and goes on', async () => {
  await using replica = await FixtureReplica.listen(serving);
  const channels = () =>
    new Promise<number | undefined>((resolve) => {
      const { GetTopChannels } = getChannelzHandlers();
      const request = { request: { start_channel_id: '0', max_results: '0' } };
      GetTopChannels(request as Parameters<typeof GetTopChannels>[0], (_, answer) =>
        resolve(answer?.channel?.length),
      );
    });
  const before = await channels();
  await using agent = connect(replica.port);
  rmSync(agent.tokenFile);
  agent.run();
  await eventually(() => expect(agent.reasons()[0]).toMatch(/ENOENT.*token/));
  expect(await channels()).toBe(before);
  writeFileSync(agent.tokenFile, 'token-3');
  await eventually(() => expect(replica.calls.map(({ token }) => token)).toEqual(['Bearer token-3']));
});

test.each(['', '\n', 'se cret', 'secret\nsecret', 'secr\u0000et'])(
  'ReplicaStream does not show a token file that holds no token: %j',
  async (text) => {
    await using agent = connect(1);
    writeFileSync(agent.tokenFile, text);
    agent.run();
    await eventually(() => expect(agent.reasons()[0]).toMatch(/expected one token in .*token/));
    expect(JSON.stringify(agent.log)).not.toMatch(/secr/);
  },
);

test('ReplicaStream.run() ends at once when told so: connected, connecting or waiting', async () => {
  await using replica = await FixtureReplica.listen(serving);
  const connected = connect(replica.port).run();
  await eventually(() => expect(connected.directives).toHaveLength(1));
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const connecting = connect((silent.address() as { port: number }).port, {
    connectMs: 60_000,
    answerMs: 60_000,
  }).run();
  const waiting = connect(1).run();
  await eventually(() => expect(waiting.reasons()).toHaveLength(1));
  for (const agent of [connected, connecting, waiting]) await agent[Symbol.asyncDispose]();
  silent.close();
  expect(connected.reasons()).toEqual([]);
  await eventually(() => expect(replica.calls[0]?.call.cancelled).toBe(true));
});

test('ReplicaStream.run() with a signal that was aborted before does not connect', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port);
  agent.stop.abort();
  await agent.run().ended;
  expect(replica.calls).toEqual([]);
});
