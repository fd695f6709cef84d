import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { readBundle } from '../identity/ca-bundle.ts';
import { type FixtureTrust, namespace, startTrust } from './fixture-trust.ts';

const dayMs = 24 * 3_600_000;
const yearMs = 365 * dayMs;
const secretName = 'tacho-aggregator-tls';

/** Two replicas whose CA stands in all three places. */
async function startPublished() {
  const trust = await startTrust();
  trust.install();
  const replicas = await Promise.all([trust.start({ recheckMs: 20 }), trust.start({ recheckMs: 20 })]);
  await published(trust, 1);
  return { ...trust, replicas, log: () => replicas.map(({ log }) => log()).join() };
}

/** Resolves when all verifiers are given so many CAs, and no next one is kept from them. */
async function published(trust: FixtureTrust, cas: number): Promise<readonly string[]> {
  let bundle = '';
  await eventually(() => {
    bundle = trust.publishedCa() ?? '';
    expect(readBundle(bundle)).toHaveLength(cas);
    expect(trust.caBundles()).toEqual([bundle, bundle]);
  });
  return readBundle(bundle).map(String);
}

/** Lets this time pass until it has had its effect: what replicas wait for may begin only after a part of it. */
async function pass({ clock }: FixtureTrust, ms: number, effect: () => void): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    clock.monotonicMs += ms;
    try {
      await eventually(effect, { tries: 200 });
      return;
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

function ask({ cluster: { apiserver } }: FixtureTrust): void {
  const secret = apiserver.store.get('secrets', secretName, namespace);
  const metadata = { name: secretName, namespace, annotations: { 'tacho/rotate-ca': '', note: 'mine' } };
  apiserver.store.update('secrets', { ...secret, metadata });
}

const annotations = ({ cluster: { apiserver } }: FixtureTrust) =>
  apiserver.store.get('secrets', secretName, namespace)?.metadata.annotations;

test('selfManagedCertificates() asked for another CA: add, switch, drop, with one serving certificate between', async () => {
  await using trust = await startPublished();
  const before = trust.secret();
  ask(trust);
  await eventually(() => expect(trust.replicas.map(({ shown }) => shown.length)).toEqual([2, 2]));
  const [old, next] = await published(trust, 2);
  expect(old).toBe(before['ca.crt']);
  expect(trust.secret()).toEqual({ ...before, 'next-ca.crt': next, 'next-ca.key': expect.any(String) });
  expect(annotations(trust)).toEqual({ note: 'mine' });
  const nextKey = trust.secret()['next-ca.key'];

  const version = trust.version('configmaps');
  await pass(trust, 60_000, () => expect(trust.secret()['ca.key']).toBe(nextKey));
  const { 'tls.crt': shown } = trust.secret();
  await eventually(() => {
    for (const replica of trust.replicas) expect(replica.shown.at(-1)).toBe(shown);
  });
  expect(trust.content()).toMatchObject({ problems: [], next: undefined });

  expect([await published(trust, 2), trust.version('configmaps')]).toEqual([[old, next], version]);

  await pass(trust, 600_000, () => expect(trust.secret()['ca.crt']).toBe(next));
  expect(await published(trust, 1)).toEqual([next]);
  expect(trust.secret()).toMatchObject({ 'ca.crt': next, 'ca.key': nextKey, 'tls.crt': shown });
  for (const replica of trust.replicas) {
    // Told of each bundle, with the certificate that there was.
    expect([...new Set(replica.shown)]).toEqual([before['tls.crt'], shown]);
  }
  for (const word of [
    'wrote a next CA',
    'wrote a serving certificate by the next CA',
    'dropped the old CA',
  ]) {
    expect(trust.log().split(word)).toHaveLength(2);
  }
});

test('selfManagedCertificates() of a CA with less than a year left begins by itself', async () => {
  await using trust = await startPublished();
  trust.clock.nowMs += 9 * yearMs - dayMs;
  await eventually(() => expect(trust.log()).toContain('wrote a new serving certificate'));
  expect(trust.secret()['next-ca.crt']).toBeUndefined();
  trust.clock.nowMs += 3 * dayMs;
  await published(trust, 2);
});

test('selfManagedCertificates() does not switch before agents trust the next CA, and says once for whom it waits', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = undefined;
  ask(trust);
  await published(trust, 2);
  const before = trust.secret();
  trust.clock.monotonicMs += 540_000;
  trust.agents.distrusting = ['n1', 'n2', 'n3', 'n4', 'n5'];
  // Longer than several looks.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(trust.log()).not.toContain('signs on');
  trust.clock.monotonicMs += 62_000;
  const says = () => trust.log().split('the old CA signs on, because agents have not said').length - 1;
  await eventually(() => expect(says()).toBe(trust.replicas.length));
  expect(trust.log()).toContain('on n1, n2, n3 and 2 more');
  trust.agents.distrusting = ['n1'];
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(says()).toBe(trust.replicas.length);
  expect(trust.secret()).toEqual(before);
  trust.agents.distrusting = [];
  await pass(trust, 60_000, () => expect(trust.secret()['ca.key']).toBe(before['next-ca.key']));
});

test('selfManagedCertificates() switches without agents that never came in the last month of the CA, and names them', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = ['n1'];
  trust.clock.nowMs += 10 * yearMs - 31 * dayMs;
  await published(trust, 2);
  await eventually(() => expect(trust.content().serving).toBeDefined());
  const next = trust.secret()['next-ca.key'];
  trust.clock.nowMs += 2 * dayMs;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(trust.secret()['next-ca.key']).toBe(next);
  await pass(trust, 3_600_000, () => expect(trust.secret()['ca.key']).toBe(next));
  await eventually(() =>
    expect(trust.log()).toContain('though agents have not said here that they trust the next one, on n1'),
  );
});

test('selfManagedCertificates() that starts in the middle goes on from what the Secret holds', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = ['n1'];
  ask(trust);
  const [old, next] = await published(trust, 2);
  const late = await trust.start();
  expect(late.shown).toEqual([trust.secret()['tls.crt']]);
  expect(trust.secret()['next-ca.crt']).toBe(next);
  trust.agents.distrusting = [];
  await pass(trust, 60_000, () => expect(trust.secret()['ca.crt']).toBe(`${old}${next}`));
  await eventually(() => expect(late.shown.at(-1)).toBe(trust.secret()['tls.crt']));
});

test('selfManagedCertificates() puts a next CA back that somebody cleared, and goes on publishing it meanwhile', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = ['n1'];
  ask(trust);
  // One who has not followed the Secret yet may still publish what was.
  await eventually(() => expect(trust.replicas.map(({ shown }) => shown.length)).toEqual([2, 2]));
  await published(trust, 2);
  const [before, version] = [trust.secret(), trust.version('configmaps')];
  trust.editSecret({ 'next-ca.crt': '', 'next-ca.key': 'confidential' });
  await eventually(() => expect(trust.secret()).toEqual(before));
  await eventually(() => expect(trust.log()).toContain('wrote the next CA in use'));
  expect(trust.version('configmaps')).toBe(version);
  expect(trust.log()).not.toContain('confidential');
});

test('selfManagedCertificates() whose Secret is deleted between two CAs fills the next one with both', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = ['n1'];
  ask(trust);
  await published(trust, 2);
  const before = trust.secret();
  trust.delete('secrets');
  await eventually(() => expect(trust.log()).toContain('what is in use is only in memory'));
  trust.install('secret');
  await eventually(() => expect(trust.secret()).toEqual(before));
});

test('selfManagedCertificates() asked while one CA follows another goes on with that one', async () => {
  await using trust = await startPublished();
  trust.agents.distrusting = ['n1'];
  ask(trust);
  await published(trust, 2);
  const before = trust.secret();
  ask(trust);
  await eventually(() => expect(annotations(trust)).toEqual({ note: 'mine' }));
  expect(trust.secret()).toEqual(before);
  await eventually(() => expect(trust.log()).toContain('asked for another CA while one follows already'));
});

test('selfManagedCertificates() does not switch while an APIService of ours is edited, and counts the minute anew', async () => {
  await using trust = await startPublished();
  ask(trust);
  await published(trust, 2);
  const before = trust.secret();
  trust.clock.monotonicMs += 40_000;
  trust.cluster.apiserver.store.update(
    'apiservices',
    trust.apiService('v1.metrics.k8s.io', { caBundle: 'AAAA' }),
  );
  await published(trust, 2);
  trust.clock.monotonicMs += 50_000;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(trust.secret()).toEqual(before);
  await pass(trust, 60_000, () => expect(trust.secret()['ca.key']).toBe(before['next-ca.key']));
});
