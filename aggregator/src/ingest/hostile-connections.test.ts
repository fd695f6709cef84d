import { once } from 'node:events';
import { constants } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import type { FixtureAgent } from './fixture-agent.ts';
import { frame, gone, HostileClient, oldTls, preface } from './fixture-hostile.ts';
import { directive, listen, report } from './fixture-ingest.ts';

const bounds = {
  most: 40,
  mostOfAddress: 8,
  mostBegun: 16,
  handshakeMs: 1_000,
  strangerMs: 2_500,
  freshMs: 50,
};
/** As often as the sound agent reports here. */
const fast = { ...directive, periodUsec: 10_000 };
let ingest: Awaited<ReturnType<typeof listen>>;
let sound: FixtureAgent;
let samples = 0;
let reporting: NodeJS.Timeout;

beforeAll(async () => {
  ingest = await listen({}, { bounds });
  ingest.told.directive = fast;
  sound = ingest.agent('sound');
  await sound.greeted;
  reporting = setInterval(() => {
    samples += 1;
    sound.say(report(samples));
  }, 10);
});
afterAll(async () => {
  clearInterval(reporting);
  sound[Symbol.dispose]();
  await ingest.server.close();
});

let attacker: HostileClient;
beforeEach(() => {
  attacker = new HostileClient(ingest.port, ingest.ca.certificate);
});
afterEach(() => attacker[Symbol.dispose]());

interface Attack {
  readonly what: string;
  readonly reason: string;
  readonly act: () => Promise<unknown>;
}

const attacks: Attack[] = [
  {
    what: 'plain text',
    reason: 'connection without TLS',
    act: () => {
      const socket = attacker.tcp();
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      return gone(socket);
    },
  },
  {
    what: 'HTTP/2 without TLS',
    reason: 'connection without TLS',
    act: () => {
      const socket = attacker.tcp();
      socket.write(preface);
      return gone(socket);
    },
  },
  {
    what: 'a connection that says nothing',
    reason: 'TLS handshake that took too long',
    act: () => gone(attacker.tcp()),
  },
  {
    what: 'a client that speaks no HTTP/2',
    reason: 'TLS handshake that failed',
    act: () => gone(attacker.tls({ ALPNProtocols: ['http/1.1'] })),
  },
  {
    what: 'TLS 1.1',
    reason: 'TLS handshake that failed',
    act: () => gone(attacker.tls(oldTls)),
  },
  {
    what: 'TLS and then nothing',
    reason: 'connection without an agent’s stream',
    act: () => gone(attacker.tls()),
  },
  {
    what: 'an HTTP/2 connection without a stream',
    reason: 'connection without an agent’s stream',
    act: () => attacker.http2().ended,
  },
  {
    what: 'a refused agent that keeps its connection',
    reason: 'connection without an agent’s stream',
    act: () => {
      const { push, ended } = attacker.http2();
      push('bad');
      return ended;
    },
  },
  {
    what: 'nine connections of one address',
    reason: 'too many connections from one address',
    act: () => Promise.all(Array.from({ length: 9 }, () => gone(attacker.tcp()))),
  },
  {
    what: 'connections of many addresses',
    reason: 'too many connections',
    act: () => Promise.all(Array.from({ length: 60 }, (_, index) => gone(attacker.tcp(`127.0.1.${index}`)))),
  },
  {
    what: 'a message of 10 MiB',
    reason: 'message larger than 4 MiB',
    act: async () => {
      using agent = ingest.agent('large');
      await agent.greeted;
      agent.say({ hello: { nodeName: 'x'.repeat(10 << 20), agentVersion: '', cgroupMode: '' } });
      expect(await agent.ended).toMatchObject({ code: 'RESOURCE_EXHAUSTED' });
      expect(ingest.lines).toContainEqual(
        expect.objectContaining({ node: 'large', reason: 'message larger than 4 MiB' }),
      );
    },
  },
  {
    what: 'bytes that are no message, over and over',
    reason: 'message that is malformed',
    act: async () => {
      const { session, push } = attacker.http2();
      const stream = push('liar');
      for (let times = 0; times < 3; times += 1) stream.write(Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]));
      const [trailers] = await once(stream.resume(), 'trailers');
      expect(trailers).toMatchObject({ 'grpc-status': '3' });
      session.destroy();
    },
  },
  {
    what: 'an agent that never reads',
    reason: 'agent that does not read what it is told',
    act: async () => {
      const { push, ended } = attacker.http2({ initialWindowSize: 0 });
      push('deaf');
      const telling = setInterval(() => ingest.server.sendDirective(), 10);
      await ended;
      clearInterval(telling);
    },
  },
];

test.each(attacks)(
  '$what is closed and counted as “$reason”, and a sound agent goes on',
  async ({ reason, act }) => {
    const before = ingest.counts()[reason] ?? 0;
    await act();
    await eventually(() => expect(ingest.counts()[reason]).toBeGreaterThan(before));
    const { length } = ingest.accepted;
    await eventually(() => expect(ingest.accepted.length).toBeGreaterThan(length + 3));
    expect(sound.received.filter((each) => each.directive !== undefined)[0]).toEqual({ directive: fast });
  },
);

test.each([
  ['pings', frame(6, 0, 0, Buffer.alloc(8)), preface],
  ['settings', frame(4, 0, 0, Buffer.alloc(0)), preface],
  ['priorities', frame(2, 0, 3, Buffer.from([0, 0, 0, 1, 1])), preface],
  [
    'headers that never end',
    frame(
      9,
      0,
      1,
      Buffer.concat([Buffer.from([0x00, 0x01, 0x61, 0x7f, 0x81, 0x00]), Buffer.alloc(256, 0x62)]),
    ),
    Buffer.concat([preface, frame(1, 0, 1, Buffer.from([0x83]))]),
  ],
  ['frames that are none', Buffer.alloc(64, 0xff), preface],
])('A flood of %s ends the connection, and a sound agent goes on', async (_, what, first) => {
  const { length } = ingest.accepted;
  await attacker.flood(what, first);
  await eventually(() => expect(ingest.accepted.length).toBeGreaterThan(length + 3));
});

test('Streams that are reset at once, without end, end the connection, and a sound agent goes on', async () => {
  const { session, push, ended } = attacker.http2();
  const { length } = ingest.accepted;
  while (!session.destroyed) {
    for (let streams = 0; streams < 4 && !session.destroyed; streams += 1) {
      push('bad').close(constants.NGHTTP2_CANCEL);
    }
    await sleep(1);
  }
  await ended;
  await eventually(() => expect(ingest.accepted.length).toBeGreaterThan(length + 3));
});

test('An agent comes in while one address holds all it may, and connects as fast as it can', async () => {
  let flooding = true;
  const flooded = (async () => {
    while (flooding) {
      attacker.tcp();
      await sleep(1);
    }
  })();
  await eventually(() =>
    expect(ingest.counts()['too many connections from one address']).toBeGreaterThan(100),
  );
  using agent = ingest.agent('late');
  await agent.greeted;
  flooding = false;
  await flooded;
});

test('A connection of which nothing is heard any more is ended and counted, one that speaks is not', async () => {
  const { agent, counts, server } = await listen({}, { bounds: { lookMs: 300 } });
  using speaks = agent('speaks');
  using silent = agent('silent');
  let usec = 0;
  const speaking = setInterval(() => {
    usec += 1;
    speaks.say(report(usec));
  }, 10);
  silent.say(report(1));
  expect((await silent.ended).code).toBe('UNAVAILABLE');
  clearInterval(speaking);
  expect(counts()['connection that fell silent']).toBe(1);
  await server.close();
  expect((await speaks.ended).details).toBe('aggregator is stopping');
});
