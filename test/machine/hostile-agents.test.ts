import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { AgentMessage } from '@tacho/proto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { gone, type HostileClient, oldTls, preface } from '../../aggregator/src/ingest/fixture-hostile.ts';
import type { RefusalReason } from '../../aggregator/src/ingest/refusal-reasons.ts';
import { until } from '../kernel/checks/until.ts';
import { AttackedCluster, podUsage, reportOf } from './fixture-attacked-cluster.ts';

let cluster: AttackedCluster;
beforeAll(async () => {
  cluster = await AttackedCluster.start();
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

interface Hostile {
  readonly what: string;
  readonly reason: RefusalReason;
  /** @param counted resolves when it was refused once more for the reason */
  act(counted: Promise<unknown>): Promise<void>;
}

const unauthenticated: RefusalReason = 'agent without a valid identity';

/** An agent that is not let in with this token. */
const turnedAway = (token: () => string, code: string, details: RegExp) => async () => {
  using turned = cluster.agent(token());
  turned.say(reportOf([podUsage('web', 1)]));
  const end = await turned.ended;
  expect(end.code).toBe(code);
  expect(end.details).toMatch(details);
};

/** What an agent of the node `evil` says, for which it is not thrown out. */
const said =
  (...messages: (() => AgentMessage)[]) =>
  async (counted: Promise<unknown>) => {
    using evil = cluster.agent(cluster.token('evil'));
    await evil.greeted;
    for (const message of messages) evil.say(message());
    // Hung up before, it may not have been heard.
    await counted;
  };

/** What it says again and again, each in a turn of its own, until it is refused. */
const repeated = (message: () => AgentMessage) => async (counted: Promise<unknown>) => {
  using evil = cluster.agent(cluster.token('evil'));
  await evil.greeted;
  const saying = setInterval(() => evil.say(message()), 20);
  await counted.finally(() => clearInterval(saying));
};

/** A connection that comes to nothing. */
const cutOff = (begin: (stranger: HostileClient) => Socket) => async () => {
  using stranger = cluster.stranger();
  await gone(begin(stranger));
};

/** A message of gRPC over HTTP/2: not compressed, its length, and what is no message of protobuf. */
const malformed = Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]);

const hostile: readonly Hostile[] = [
  {
    what: 'plain text',
    reason: 'connection without TLS',
    act: cutOff((stranger) => {
      const socket = stranger.tcp();
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      return socket;
    }),
  },
  {
    what: 'HTTP/2 without TLS',
    reason: 'connection without TLS',
    act: cutOff((stranger) => {
      const socket = stranger.tcp();
      socket.write(preface);
      return socket;
    }),
  },
  {
    what: 'TLS 1.1',
    reason: 'TLS handshake that failed',
    act: cutOff((stranger) => stranger.tls(oldTls)),
  },
  {
    what: 'no token',
    reason: unauthenticated,
    act: turnedAway(() => '', 'UNAUTHENTICATED', /no bearer token/),
  },
  {
    what: 'a token for another audience',
    reason: unauthenticated,
    act: turnedAway(() => cluster.token('sound', { audience: 'vault' }), 'UNAUTHENTICATED', /audience/),
  },
  {
    what: 'a token that has expired',
    reason: unauthenticated,
    act: turnedAway(() => cluster.token('sound', { expiresAt: new Date(0) }), 'UNAUTHENTICATED', /not valid/),
  },
  {
    what: 'a token that was revoked',
    reason: unauthenticated,
    act: turnedAway(
      () => {
        const token = cluster.token('sound');
        cluster.apiserver.revokeToken(token);
        return token;
      },
      'UNAUTHENTICATED',
      /not valid/,
    ),
  },
  {
    what: 'a token that expires while its stream is open',
    reason: 'agent whose token expires',
    act: async () => {
      const expiresAt = new Date(Date.now() + 20_000);
      using agent = cluster.agent(cluster.token('evil', { expiresAt }));
      await agent.greeted;
      // One that says nothing is given up before that.
      const reporting = setInterval(() => agent.say(reportOf([])), 1_000);
      const end = await agent.ended.finally(() => clearInterval(reporting));
      expect(end).toMatchObject({
        code: 'UNAUTHENTICATED',
        details: expect.stringMatching(/^token expires/),
      });
      expect(Date.now()).toBeLessThanOrEqual(expiresAt.getTime());
    },
  },
  {
    what: 'an agent whose pod is deleted while its stream is open',
    reason: 'agent whose pod is gone',
    act: async () => {
      using agent = cluster.agent(cluster.token('emptied'));
      await agent.greeted;
      cluster.apiserver.store.delete('pods', 'tacho-agent-emptied', 'tacho');
      expect(await agent.ended).toMatchObject({
        code: 'UNAUTHENTICATED',
        details: expect.stringMatching(/is gone$/),
      });
    },
  },
  {
    what: 'a second agent of the same node',
    reason: 'agent that gives way to a newer one of its node',
    act: async () => {
      using first = cluster.agent(cluster.token('evil'));
      await first.greeted;
      using second = cluster.agent(cluster.token('evil'));
      await second.greeted;
      first.say(reportOf([]));
      second.say(reportOf([]));
      expect(await first.ended).toMatchObject({ code: 'ABORTED' });
    },
  },
  {
    what: 'a token of another service account',
    reason: 'agent with the identity of somebody else',
    act: turnedAway(
      () => cluster.token('sound', { username: 'system:serviceaccount:default:thief' }),
      'PERMISSION_DENIED',
      /expected system:serviceaccount:tacho:tacho-agent/,
    ),
  },
  {
    what: 'the name of another node',
    reason: 'agent greets with a name that is not its node',
    act: said(
      () => ({ hello: { nodeName: 'sound', agentVersion: '1', cgroupMode: 'v2' } }),
      () => reportOf([]),
    ),
  },
  {
    what: 'a pod of another node',
    reason: 'pod of another node',
    act: said(() => reportOf([podUsage('web', 999_000_000)])),
  },
  {
    what: 'a pod that nobody knows',
    reason: 'pod that the watch does not know',
    act: said(() => reportOf([podUsage('made-up', 999_000_000)])),
  },
  {
    what: 'more CPU than the machine has',
    reason: 'pod that uses more than its node has',
    act: said(() => reportOf([podUsage('made-up', 1e15)])),
  },
  {
    what: 'a report that is replayed',
    reason: 'report of an instant that was reported before',
    act: repeated(() => reportOf([], 1_000_000)),
  },
  {
    what: 'a report every 20 ms',
    reason: 'report earlier than agreed',
    act: repeated(() => reportOf([])),
  },
  {
    what: 'a message of 10 MiB',
    reason: 'message larger than 4 MiB',
    act: async () => {
      using evil = cluster.agent(cluster.token('evil'));
      await evil.greeted;
      evil.say({ hello: { nodeName: 'x'.repeat(10 << 20), agentVersion: '', cgroupMode: '' } });
      expect(await evil.ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
    },
  },
  {
    what: 'bytes that are no message',
    reason: 'message that is malformed',
    act: async () => {
      using stranger = cluster.stranger();
      const call = stranger.http2().push(cluster.token('evil'));
      for (let times = 0; times < 3; times += 1) call.write(malformed);
      const [trailers] = await once(call.resume(), 'trailers');
      // INVALID_ARGUMENT
      expect(trailers).toMatchObject({ 'grpc-status': '3' });
    },
  },
  {
    what: 'a pod of 100,000 containers',
    reason: 'report of more than 10000 containers',
    act: said(() => reportOf([podUsage('web', 1, 100_000)])),
  },
];

test.each(hostile)(
  '$what is refused and counted as “$reason”, and nobody else notices',
  async ({ reason, act }) => {
    const before = await cluster.refused(reason);
    const counted = until(reason, async () => (await cluster.refused(reason)) > before, 30_000);
    const reads = cluster.reads;
    await Promise.all([act(counted), counted]);
    await until('some reads', () => cluster.reads > reads + 5, 10_000);
    expect([...cluster.problems]).toEqual([]);
  },
);
