import { status } from '@grpc/grpc-js';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { shortestOf } from '../../test/shortest-of.ts';
import {
  type CertificateAndKey,
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureReplica } from './fixture-replica.ts';
import { FixtureReplicas } from './fixture-replicas.ts';

const host = 'tacho-ingest.tacho.svc';
let ca: CertificateAuthority;
let serving: CertificateAndKey;
beforeAll(async () => {
  ca = await createCertificateAuthority('serving-ca');
  serving = await ca.issueServing([host]);
});

let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

const listen = async (ip = '127.0.0.1', port = 0) =>
  cleanUp.use(await FixtureReplica.listen(serving, { host: ip, port }));
/** An agent that is told of the aggregator by name; DNS knows these addresses of it. */
const push = (port: number, addresses: readonly string[], options = {}) =>
  cleanUp.use(new FixtureReplicas([`${host}:${port}`], ca.certificate, { addresses, ...options }));
const report = (sampleMonotonicUsec: number) => ({ sampleMonotonicUsec, pods: [] });

test('Replicas opens a stream to each address that DNS gives, and pushes each report to all', async () => {
  const one = await listen();
  const other = await listen('127.0.0.2', one.port);
  const agent = push(one.port, ['127.0.0.1', '127.0.0.2']).run();
  await eventually(() => expect(agent.connected()).toEqual([one.address, other.address]));
  agent.push(report(1));
  for (const replica of [one, other]) await eventually(() => expect(replica.samples()).toEqual([1]));
});

test('Replicas connects at once to a replica that another one tells, with the latest report', async () => {
  const one = await listen();
  const agent = push(one.port, ['127.0.0.1'], { lookupEveryMs: 3_600_000 }).run();
  agent.push(report(7));
  await eventually(() => expect(agent.connected()).toEqual([one.address]));
  const told: Awaited<ReturnType<typeof listen>>[] = [];
  const tookMs = async () => {
    const next = await listen();
    told.push(next);
    const begin = performance.now();
    one.tell(one.address, ...told.map(({ address }) => address));
    await eventually(() => expect(next.samples()).toEqual([7]));
    return performance.now() - begin;
  };
  expect(await shortestOf(3, tookMs, 999)).toBeLessThan(1_000);
  expect([one, ...told].map(({ calls }) => calls.length)).toEqual([1, ...told.map(() => 1)]);
});

test('Replicas has one stream for each replica, however often and in whatever spelling it is told', async () => {
  const one = await listen();
  const second = await listen();
  const agent = push(one.port, ['127.0.0.1', '127.0.0.1']).run();
  await eventually(() => expect(agent.connected()).toEqual([one.address]));
  one.tell(second.address, one.address, second.address);
  await eventually(() => expect(agent.connected()).toHaveLength(2));
  second.tell(one.address, second.address);
  one.tell(second.address, one.address);
  await eventually(() => expect(agent.directives.length).toBe(5));
  expect([one.calls.length, second.calls.length]).toEqual([1, 1]);
});

test('Replicas lets a replica go that has ended its stream and is told no longer; the others notice nothing', async () => {
  const one = await listen();
  const leaving = await listen();
  const agent = push(one.port, ['127.0.0.1']).run();
  one.tell(one.address, leaving.address);
  await eventually(() => expect(agent.connected()).toHaveLength(2));
  one.tell(one.address);
  await eventually(() => expect(agent.directives.at(-1)?.peers).toEqual([one.address]));
  // While it works it is kept: it may know better.
  agent.push(report(1));
  await eventually(() => expect(leaving.samples()).toEqual([1]));
  leaving.end(status.UNAVAILABLE, 'aggregator is stopping');
  await eventually(() => expect(agent.replicas.state().map(({ address }) => address)).toEqual([one.address]));
  agent.push(report(2));
  await eventually(() => expect(one.samples()).toEqual([1, 2]));
  expect([one.calls.length, leaving.calls.length]).toEqual([1, 1]);
});

test('Replicas does not ask DNS while replicas tell each other’s addresses', async () => {
  const one = await listen();
  one.tell(one.address);
  const agent = push(one.port, ['127.0.0.1'], { lookupEveryMs: 10 }).run();
  await eventually(() => expect(agent.connected()).toHaveLength(1));
  const [asked, waited] = [agent.asked.length, agent.waited];
  await eventually(() => expect(agent.waited).toBeGreaterThan(waited + 5));
  expect(agent.asked).toHaveLength(asked);
});

test('Replicas asks DNS time and again while no replica tells anything', async () => {
  const one = await listen();
  const agent = push(one.port, ['127.0.0.1'], { lookupEveryMs: 20, lookupSoonMs: 20 }).run();
  await eventually(() => expect(agent.connected()).toEqual([one.address]));
  const second = await listen('127.0.0.2', one.port);
  agent.dns.addresses = ['127.0.0.1', '127.0.0.2'];
  await eventually(() => expect(agent.connected()).toEqual([one.address, second.address]));
  agent.dns.addresses = ['127.0.0.2'];
  await one[Symbol.asyncDispose]();
  await eventually(() =>
    expect(agent.replicas.state().map(({ address }) => address)).toEqual([second.address]),
  );
});

test('Replicas finds by DNS replicas that have all moved, although it was told where they were', async () => {
  const old = [await listen(), await listen()];
  const agent = push(old[0]?.port ?? 0, ['127.0.0.1'], { lookupEveryMs: 3_600_000, lookupSoonMs: 50 }).run();
  for (const replica of old) replica.tell(...old.map(({ address }) => address));
  await eventually(() => expect(agent.connected()).toHaveLength(2));
  const moved = await listen('127.0.0.2', old[0]?.port);
  moved.tell(moved.address);
  agent.dns.addresses = ['127.0.0.2'];
  for (const replica of old) await replica[Symbol.asyncDispose]();
  await eventually(() => expect(agent.connected()).toEqual([moved.address]));
  expect(agent.replicas.state().map(({ address }) => address)).toEqual([moved.address]);
});

test('Replicas keeps trying where it was told replicas were when DNS has nothing better', async () => {
  const one = await listen();
  const agent = push(one.port, ['127.0.0.1'], { lookupSoonMs: 10 }).run();
  const second = await listen();
  one.tell(one.address, second.address);
  await eventually(() => expect(agent.connected()).toHaveLength(2));
  agent.dns.error = new Error('getaddrinfo EAI_AGAIN');
  for (const replica of [one, second]) await replica[Symbol.asyncDispose]();
  await eventually(() => expect(agent.sentences()).toContain('cannot find the aggregator, trying again'));
  const back = await listen('127.0.0.1', second.port);
  await eventually(() => expect(agent.connected()).toEqual([back.address]));
});

test('Replicas asks again soon, and logs once, while DNS fails or knows no address', async () => {
  const one = await listen();
  const agent = push(one.port, [], { lookupSoonMs: 5 });
  agent.dns.error = new Error('getaddrinfo ENOTFOUND');
  agent.run();
  await eventually(() => expect(agent.asked.length).toBeGreaterThan(3));
  expect(agent.sentences()).toEqual(['cannot find the aggregator, trying again']);
  agent.dns.error = undefined;
  const before = agent.asked.length;
  await eventually(() => expect(agent.asked.length).toBeGreaterThan(before + 2));
  agent.dns.addresses = ['127.0.0.1'];
  await eventually(() => expect(agent.connected()).toEqual([one.address]));
});

test('Replicas does not ask DNS anew after each attempt that fails', async () => {
  const agent = push(1, ['127.0.0.1'], { lookupEveryMs: 3_600_000, lookupSoonMs: 5 }).run();
  // Each wait between attempts asks chance for its length.
  await eventually(() => expect(agent.waited).toBeGreaterThan(4));
  expect(agent.asked).toEqual([host]);
});

test('Replicas takes an IP address as it is, and the name for its certificate from the options', async () => {
  const one = await listen();
  const agent = cleanUp.use(
    new FixtureReplicas([one.address], ca.certificate, { addresses: [], serverName: host }),
  );
  agent.run();
  await eventually(() => expect(agent.connected()).toEqual([one.address]));
  expect(agent.asked).toEqual([]);
});

test('Replicas leaves out, and logs once, a peer that is no address', async () => {
  const one = await listen();
  const second = await listen();
  const agent = push(one.port, ['127.0.0.1']).run();
  one.tell('evil.example:443', 'x'.repeat(10_000), '127.0.0.1:0', second.address);
  await eventually(() => expect(agent.connected()).toContain(second.address));
  const noted = agent.log.filter(({ msg }) => msg === 'a peer that is no ip:port, leaving it out');
  expect(noted).toMatchObject([{ replica: one.address, peer: 'evil.example:443' }]);
});

test('Replicas opens at most 16 streams, and keeps those that work', async () => {
  const one = await listen();
  const agent = push(one.port, ['127.0.0.1']).run();
  await eventually(() => expect(agent.connected()).toHaveLength(1));
  one.tell(...Array.from({ length: 1_000 }, (_, index) => `127.1.0.${index % 250}:${1 + index}`));
  await eventually(() => expect(agent.replicas.state()).toHaveLength(16));
  expect(agent.connected()).toEqual([one.address]);
  expect(agent.sentences().filter((msg) => /more than 16/.test(String(msg)))).toHaveLength(1);
});

test('Replicas.run() ends at once when told so, also in the middle of a lookup', async () => {
  const one = await listen();
  const connected = push(one.port, ['127.0.0.1']).run();
  await eventually(() => expect(connected.connected()).toHaveLength(1));
  const asking = push(one.port, []);
  asking.dns.hangs = true;
  asking.run();
  for (const agent of [connected, asking]) await agent[Symbol.asyncDispose]();
  await eventually(() => expect(one.live()).toEqual([]));
});

test('Replicas refuses an aggregator that is not host:port', () => {
  expect(() => new FixtureReplicas(['tacho'], '')).toThrow('Cannot push to "tacho": expected host:port');
});

test('Replicas agrees on the longest period that a connected replica asks for', async () => {
  const slow = cleanUp.use(await FixtureReplica.listen(serving, { periodUsec: 20_000_000 }));
  const one = await listen();
  const agent = push(one.port, ['127.0.0.1']).run();
  await eventually(() => expect(agent.periodsUsec.at(-1)).toBe(5_000_000));
  one.tell(one.address, slow.address);
  await eventually(() => expect(agent.periodsUsec.at(-1)).toBe(20_000_000));
  one.tell(one.address, slow.address);
  await eventually(() => expect(agent.directives).toHaveLength(4));
  expect(agent.periodsUsec.at(-1)).toBe(20_000_000);
  slow.end(status.UNAVAILABLE, 'aggregator is stopping');
  await eventually(() => expect(agent.periodsUsec.at(-1)).toBe(5_000_000));
});
