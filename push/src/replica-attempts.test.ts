import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { fixtureConnections, report } from './fixture-connections.ts';
import { FixtureReplica } from './fixture-replica.ts';

const { serving, connect } = await fixtureConnections();

test('ReplicaStream gives up a listener that takes connections and says nothing, and leaves no connection', async () => {
  const open = new Set<Socket>();
  let accepted = 0;
  const silent = createServer((socket) => {
    accepted += 1;
    open.add(socket.resume().on('error', () => undefined));
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  {
    await using agent = connect((silent.address() as { port: number }).port, { answerMs: 100 }).run();
    await eventually(() => expect(agent.reasons()).toEqual(['no answer within 0.1 s']));
    // So it is again with each attempt, until that is given up.
    await eventually(() => expect([accepted >= 2, open.size]).toEqual([true, 1]));
  }
  await eventually(() => expect(open.size).toBe(0));
  silent.close();
});

test('ReplicaStream connects anew at once, once, where the period is shorter than it could know', async () => {
  await using replica = await FixtureReplica.listen(serving, { periodUsec: 1_000_000 });
  await using agent = connect(replica.port).run();
  await eventually(() => expect(replica.calls).toHaveLength(2));
  agent.push(report(1));
  await eventually(() => expect(replica.calls[1]?.messages).toHaveLength(2));
  expect([replica.calls.length, replica.live().length]).toEqual([2, 1]);
  expect(agent.reasons()).toEqual([]);
});

test('ReplicaStream gives up a replica that takes the call and says nothing', async () => {
  await using replica = await FixtureReplica.listen(serving, { greets: false });
  await using agent = connect(replica.port, { answerMs: 100 }).run();
  await eventually(() => expect(replica.calls.length).toBeGreaterThan(1));
  expect(agent.reasons()).toEqual(['no answer within 0.1 s']);
});

test('ReplicaStream lets sockets alone that are opened because of what a replica said', async () => {
  await using replica = await FixtureReplica.listen(serving);
  const peer = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(peer, 'listening');
  const other: Socket[] = [];
  await using agent = connect(replica.port, {
    answerMs: 3_000,
    onNodesToPull: () => other.push(dial((peer.address() as AddressInfo).port, '127.0.0.1')),
  }).run();
  await eventually(() => expect(agent.directives).toHaveLength(1));
  replica.live()[0]?.write({ nodesToPull: { nodes: [] } });
  await eventually(() => expect(other[0]?.readyState).toBe('open'));
  await sleep(3_500);
  expect(agent.reasons()).toEqual([]);
  replica.end(status.UNAVAILABLE, 'stopping');
  await eventually(() => expect(agent.directives).toHaveLength(2));
  expect(other[0]?.destroyed).toBe(false);
  other[0]?.destroy();
  peer.close();
});
