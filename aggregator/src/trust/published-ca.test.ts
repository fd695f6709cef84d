import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { apiServices, namespace, startTrust } from './fixture-trust.ts';

/** A replica whose CA stands in all three places. */
async function startPublished() {
  const trust = await startTrust();
  trust.install();
  const replica = await trust.start();
  await eventually(() => {
    const ca = trust.secret()['ca.crt'];
    expect(ca).toBeDefined();
    expect([trust.publishedCa(), ...trust.caBundles()]).toEqual([ca, ca, ca]);
  });
  return { ...trust, ...replica, ca: trust.publishedCa() ?? '' };
}

test('selfManagedCertificates() mends a ConfigMap that somebody edited, and keeps what else is in it', async () => {
  await using trust = await startPublished();
  const { store } = trust.cluster.apiserver;
  store.update('configmaps', {
    metadata: { namespace, name: 'tacho-aggregator-ca', labels: { team: 'x' } },
    data: { 'ca.crt': 'somebody else’s', note: 'mine' },
  });
  await eventually(() => expect(trust.publishedCa()).toBe(trust.ca));
  expect(store.get('configmaps', 'tacho-aggregator-ca', namespace)).toMatchObject({
    metadata: { labels: { team: 'x' } },
    data: { note: 'mine' },
  });
  await eventually(() => expect(trust.log()).toContain('published the CA in the place of something else'));
});

test('selfManagedCertificates() says that the ConfigMap was deleted, and fills the next one', async () => {
  await using trust = await startPublished();
  trust.delete('configmaps');
  await eventually(() =>
    expect(trust.log()).toContain('kubectl -n tacho create configmap tacho-aggregator-ca'),
  );
  trust.install('configmap');
  await eventually(() => expect(trust.publishedCa()).toBe(trust.ca));
});

test.each([
  ['another caBundle', { caBundle: Buffer.from('x').toString('base64') }],
  ['none', {}],
  ['none and insecureSkipTLSVerify', { insecureSkipTLSVerify: true }],
])('selfManagedCertificates() mends an APIService with %s', async (_, spec) => {
  await using trust = await startPublished();
  const { store } = trust.cluster.apiserver;
  for (const name of apiServices) store.update('apiservices', trust.apiService(name, spec));
  await eventually(() => expect(trust.caBundles()).toEqual([trust.ca, trust.ca]));
  for (const name of apiServices) {
    expect(store.get('apiservices', name)?.['spec']).not.toHaveProperty('insecureSkipTLSVerify');
  }
});

test.each([
  [
    'another Service',
    { service: { namespace: 'kube-system', name: 'metrics-server' } },
    'kube-system/metrics-server',
  ],
  [
    'our Service’s name elsewhere',
    { service: { namespace: 'x', name: 'tacho-aggregator' } },
    'x/tacho-aggregator',
  ],
  ['no Service', { service: null }, 'no Service'],
])(
  'selfManagedCertificates() leaves an APIService alone that points to %s, and says so once',
  async (_, spec, found) => {
    await using trust = await startPublished();
    const { store } = trust.cluster.apiserver;
    const [name = ''] = apiServices;
    const foreign = { ...trust.apiService(name, { ...spec, caBundle: 'AAAA' }) };
    store.update('apiservices', foreign);
    const says = () =>
      trust.lines.filter(({ msg }) => String(msg).includes(`${found}, not to tacho/tacho-aggregator`));
    await eventually(() => expect(says()).toHaveLength(1));
    store.update('apiservices', { ...foreign, status: { conditions: [{ type: 'Available' }] } });
    // One more change that is answered, so that the one before has been seen.
    store.update('apiservices', trust.apiService(apiServices[1] ?? '', {}));
    await eventually(() => expect(trust.caBundles()[1]).toBe(trust.ca));
    expect(store.get('apiservices', name)?.['spec']).toMatchObject({ caBundle: 'AAAA' });
    expect(says()).toHaveLength(1);
  },
);

test('selfManagedCertificates() publishes the CA of a Secret that was replaced by a good one', async () => {
  await using other = await startPublished();
  await using trust = await startPublished();
  trust.editSecret(other.secret());
  await eventually(() =>
    expect([trust.publishedCa(), ...trust.caBundles()]).toEqual([other.ca, other.ca, other.ca]),
  );
  expect(trust.shown).toEqual([expect.any(String), other.secret()['tls.crt']]);
});

test('selfManagedCertificates() without a right says which, tries again, and quotes nothing', async () => {
  await using trust = await startTrust({ authorize: ({ verb }) => verb !== 'update' });
  trust.install();
  const { certificates, log } = await trust.start();
  await eventually(() =>
    expect(log()).toContain('cannot write it, trying again: Cannot PUT /api/v1/namespaces/tacho/secrets'),
  );
  expect(log()).toContain('cannot update resource');
  expect(log()).not.toMatch(/PRIVATE KEY|LS0tLS/);
  expect(certificates.loaded()).toBe(false);
});
