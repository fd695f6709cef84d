import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { startTrust } from './fixture-trust.ts';

const dayMs = 24 * 3_600_000;

test('selfManagedCertificates() fills an empty Secret and publishes its CA', async () => {
  await using trust = await startTrust();
  trust.install();
  const { certificates, shown, log } = await trust.start();
  await eventually(() => {
    const ca = trust.secret()['ca.crt'];
    expect(ca).toContain('BEGIN CERTIFICATE');
    expect([trust.publishedCa(), ...trust.caBundles()]).toEqual([ca, ca, ca]);
  });
  expect(certificates.loaded()).toBe(true);
  expect(trust.content()).toMatchObject({ problems: [], serving: { pair: {} } });
  expect(shown).toEqual([trust.secret()['tls.crt']]);
  await eventually(() => expect(log()).toContain('wrote a new CA and a new serving certificate'));
});

test('selfManagedCertificates() of several replicas at once: one writes, all use the same', async () => {
  await using trust = await startTrust();
  trust.install();
  const replicas = await Promise.all([trust.start(), trust.start(), trust.start()]);
  await eventually(() => {
    const { 'tls.crt': cert, 'ca.crt': ca } = trust.secret();
    expect(cert).toBeDefined();
    expect(replicas.map(({ shown }) => shown.at(-1))).toEqual([cert, cert, cert]);
    expect([trust.publishedCa(), ...trust.caBundles()]).toEqual([ca, ca, ca]);
  });
  for (const { shown } of replicas) expect(shown).toHaveLength(1);
  await eventually(() =>
    expect(replicas.map(({ log }) => log().includes('wrote a new CA')).toSorted()).toEqual([
      false,
      false,
      true,
    ]),
  );
});

test('selfManagedCertificates() uses what a Secret holds and writes nothing into it', async () => {
  await using trust = await startTrust();
  trust.install();
  await trust.start();
  await eventually(() => expect(trust.caBundles()).not.toContain(undefined));
  const before = trust.version('secrets');
  const late = await trust.start();
  expect(late.shown).toEqual([trust.secret()['tls.crt']]);
  expect(trust.version('secrets')).toBe(before);
});

test('selfManagedCertificates() before the chart’s objects are there says so, is not loaded, and goes on when they come', async () => {
  await using trust = await startTrust();
  const { certificates, shown, log } = await trust.start();
  expect(certificates.first.cert.toString()).toContain('BEGIN CERTIFICATE');
  await eventually(() => {
    expect(log()).toContain('create secret generic tacho-aggregator-tls');
    expect(log()).toContain('create configmap tacho-aggregator-ca');
    expect(log()).toContain('it will be given the CA when it comes');
  });
  expect([certificates.loaded(), shown]).toEqual([false, []]);

  trust.install('apiservices');
  trust.install('configmap');
  await eventually(() => expect(trust.caBundles()).toEqual([undefined, undefined]));
  expect([certificates.loaded(), trust.publishedCa()]).toEqual([false, undefined]);

  trust.install('secret');
  await eventually(() => {
    const ca = trust.secret()['ca.crt'];
    expect(ca).toBeDefined();
    expect([trust.publishedCa(), ...trust.caBundles()]).toEqual([ca, ca, ca]);
  });
  // What was made to answer probes with is what is agreed on.
  expect(shown).toEqual([certificates.first.cert.toString()]);
});

test('selfManagedCertificates() without an API server starts after its first look, and takes up what it finds later', async () => {
  await using trust = await startTrust();
  trust.install();
  await trust.start();
  await eventually(() => expect(trust.secret()['tls.crt']).toBeDefined());
  await trust.cluster.cut();
  const { certificates, shown } = await trust.start({ firstLookMs: 500 });
  expect(certificates.loaded()).toBe(false);
  await trust.cluster.mend();
  await eventually(() => expect(shown).toEqual([trust.secret()['tls.crt']]));
});

const certificate = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
test.each([
  ['ca.crt', 'no certificate', 'ca.crt: expected certificates in PEM'],
  ['ca.crt', certificate, 'ca.crt: expected certificates in PEM'],
  ['ca.key', 'confidential', 'ca.key: expected a private key in PEM'],
  ['tls.crt', '', 'tls.crt: expected a certificate in PEM'],
  ['tls.key', 'confidential', 'tls.key: expected a private key in PEM'],
])(
  'selfManagedCertificates() mends a Secret whose %s is %j from what is in use, and names it',
  async (key, text, problem) => {
    await using trust = await startTrust();
    trust.install();
    const replica = await trust.start();
    await eventually(() => expect(trust.publishedCa()).toBeDefined());
    const before = trust.secret();
    trust.editSecret({ [key]: text });
    await eventually(() => expect(trust.secret()).toEqual(before));
    await eventually(() => expect(replica.log()).toContain(`could not be used (${problem})`));
    expect(replica.shown).toEqual([before['tls.crt']]);
    expect(replica.log()).not.toContain('confidential');
  },
);

test('selfManagedCertificates() that starts with a Secret of rubbish replaces all of it and keeps foreign keys', async () => {
  await using trust = await startTrust();
  trust.install();
  trust.editSecret({
    'ca.crt': 'x',
    'ca.key': 'confidential',
    'tls.crt': 'y',
    'tls.key': 'confidential',
    note: 'mine',
  });
  const { shown, log } = await trust.start();
  await eventually(() => expect(shown).toEqual([trust.secret()['tls.crt']]));
  expect(trust.content().problems).toEqual([]);
  expect(trust.secret()['note']).toBe('mine');
  expect(log()).not.toContain('confidential');
});

test('selfManagedCertificates() whose Secret was deleted serves on, says how to mend, and fills a new one with the same', async () => {
  await using trust = await startTrust();
  trust.install();
  const { certificates, shown, log } = await trust.start();
  await eventually(() => expect(trust.publishedCa()).toBeDefined());
  const before = trust.secret();
  trust.delete('secrets');
  await eventually(() => expect(log()).toContain('what is in use is only in memory'));
  expect(certificates.loaded()).toBe(true);
  trust.install('secret');
  await eventually(() => expect(trust.secret()).toEqual(before));
  expect(shown).toHaveLength(1);
});

test('selfManagedCertificates() renews a serving certificate with a third of its life left, by the same CA', async () => {
  await using trust = await startTrust();
  trust.install();
  const { shown, log } = await trust.start({ recheckMs: 20 });
  await eventually(() => expect(trust.publishedCa()).toBeDefined());
  const before = trust.secret();
  trust.clock.nowMs += 250 * dayMs;
  await eventually(() => expect(shown).toHaveLength(2));
  const after = trust.secret();
  expect(after).toMatchObject({ 'ca.crt': before['ca.crt'], 'ca.key': before['ca.key'] });
  expect(after['tls.crt']).not.toBe(before['tls.crt']);
  expect(shown[1]).toBe(after['tls.crt']);
  await eventually(() => expect(log()).toContain('wrote a new serving certificate'));
});

test('selfManagedCertificates() replaces what a replica whose clock is ahead has written, once, and both use it', async () => {
  await using trust = await startTrust();
  trust.install();
  const ahead = await trust.start({ aheadMs: dayMs });
  await eventually(() => expect(trust.publishedCa()).toBeDefined());
  const { shown, log } = await trust.start();
  await eventually(() => expect(log()).toContain('could not be used (ca.crt: the CA is not valid before '));
  const { 'tls.crt': cert, 'ca.crt': ca } = trust.secret();
  await eventually(() =>
    expect([ahead.shown.at(-1), shown, trust.publishedCa()]).toEqual([cert, [cert], ca]),
  );
  expect(trust.content().problems).toEqual([]);
});

test('selfManagedCertificates() of replicas that never agree on the time write ever more rarely', async () => {
  await using trust = await startTrust();
  trust.install();
  const right = await trust.start();
  await eventually(() => expect(trust.publishedCa()).toBeDefined());
  const startMs = performance.now();
  // So far that what either finds valid the other does not.
  await trust.start({ aheadMs: 2 * 365 * dayMs });
  const putBack = () => right.log().split('not valid before').length - 1;
  await eventually(() => expect(putBack()).toBeGreaterThanOrEqual(5));
  // Five tries after its first write: 20 ms, then 40, 80 and 160 from one to the next; the first may come at once.
  expect(performance.now() - startMs).toBeGreaterThan(290);
});
