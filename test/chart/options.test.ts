import { expect, test } from 'vitest';
import { find, namespace, type RenderedFile, render } from './chart.ts';
import { podTemplate } from './pod-template.ts';

const services = ['tacho-aggregator', 'tacho-ingest'];
const serviceSpec = (files: readonly RenderedFile[], name: string) =>
  find(files, 'Service', name)['spec'] as Record<string, unknown>;
const aggregatorPod = (files: readonly RenderedFile[]) =>
  podTemplate(find(files, 'Deployment', 'tacho-aggregator')).spec;
const agentPod = (files: readonly RenderedFile[]) =>
  podTemplate(find(files, 'DaemonSet', 'tacho-agent')).spec;
const kinds = (files: readonly RenderedFile[]) =>
  files.flatMap(({ objects }) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
const caOfAgents = (files: readonly RenderedFile[]) => agentPod(files).volumes?.[0]?.projected?.sources[1];

const byCertManager = await render({ tls: { type: 'cert-manager' } });
const bySecret = await render({
  tls: { type: 'existingSecret', existingSecret: { name: 'mine' } },
  apiService: { caBundle: 'PEM of the CA' },
});

test('with cert-manager nothing of the self-managed certificates is left', () => {
  expect(kinds(byCertManager)).not.toContain('Secret tacho-aggregator-tls');
  expect(kinds(byCertManager)).not.toContain('ConfigMap tacho-aggregator-ca');
});

test('with cert-manager the serving certificate has the names that kube-apiserver and agents verify', () => {
  const names = services.map((name) => `${name}.${namespace}.svc`);
  const certificate = find(byCertManager, 'Certificate', 'tacho-aggregator')['spec'];
  expect(certificate).toMatchObject({ dnsNames: names, secretName: 'tacho-aggregator-serving' });
  expect(agentPod(byCertManager).containers[0].args).toContain(
    `--aggregator=tacho-ingest.${namespace}.svc:10251`,
  );
});

test('with cert-manager no node gets the serving key: agents find the CA beside a key of no use', () => {
  expect(caOfAgents(byCertManager)).toEqual({
    secret: { name: 'tacho-agent-trust', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
  const trust = find(byCertManager, 'Certificate', 'tacho-agent-trust')['spec'] as Record<string, unknown>;
  const serving = find(byCertManager, 'Certificate', 'tacho-aggregator')['spec'] as Record<string, unknown>;
  // As a server it is nobody: no client asks for a name below .invalid (RFC 6761). As a client it is nobody either.
  expect(trust).toMatchObject({
    usages: ['digital signature', 'server auth'],
    dnsNames: ['tacho-agent-trust.invalid'],
  });
  expect(trust['issuerRef']).toEqual(serving['issuerRef']);
});

test('with an issuer that exists the chart makes none', async () => {
  const existingIssuer = { enabled: true, kind: 'ClusterIssuer', name: 'ours' };
  const files = await render({ tls: { type: 'cert-manager', certManager: { existingIssuer } } });
  expect(kinds(files).filter((name) => name.startsWith('Issuer'))).toEqual([]);
  for (const name of ['tacho-aggregator', 'tacho-agent-trust'])
    expect(find(files, 'Certificate', name)['spec']).toMatchObject({
      issuerRef: { group: 'cert-manager.io', kind: 'ClusterIssuer', name: 'ours' },
    });
});

test.each([
  ['cert-manager', byCertManager, 'tacho-aggregator-serving'],
  ['existingSecret', bySecret, 'mine'],
])('with %s the aggregator reads the Secret’s two files', (_, files, secretName) => {
  const { containers, volumes } = aggregatorPod(files);
  const mount = containers[0].volumeMounts?.[0];
  expect(volumes).toEqual([{ name: mount?.name, secret: { secretName } }]);
  expect(containers[0].args).toEqual(
    expect.arrayContaining([
      '--tls=files',
      `--tls-cert-file=${mount?.mountPath}/tls.crt`,
      `--tls-private-key-file=${mount?.mountPath}/tls.key`,
    ]),
  );
});

test('with a Secret of one’s own kube-apiserver and agents are given its CA', () => {
  expect(find(bySecret, 'ConfigMap', 'tacho-aggregator-ca')['data']).toEqual({ 'ca.crt': 'PEM of the CA' });
  expect(caOfAgents(bySecret)).toMatchObject({ configMap: { name: 'tacho-aggregator-ca' } });
  for (const version of ['v1', 'v1beta1']) {
    const { caBundle } = find(bySecret, 'APIService', `${version}.metrics.k8s.io`)['spec'] as {
      caBundle: string;
    };
    expect(Buffer.from(caBundle, 'base64').toString()).toBe('PEM of the CA');
  }
});

test('on the node’s own network a replica has other ports, the cluster’s DNS, and no second one beside it', async () => {
  const aggregator = { hostNetwork: { enabled: true }, containerPort: 10260, ingestPort: 10261 };
  const files = await render({ aggregator });
  const pod = aggregatorPod(files);
  expect(pod).toMatchObject({ hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' });
  expect(pod.containers[0].args).toEqual(
    expect.arrayContaining(['--secure-port=10260', '--ingest-port=10261']),
  );
  expect(pod.containers[0].ports?.map(({ containerPort }) => containerPort)).toEqual([10260, 10261]);
  expect(find(files, 'Deployment', 'tacho-aggregator')).toHaveProperty('spec.strategy.rollingUpdate', {
    maxSurge: 0,
    maxUnavailable: 1,
  });
  expect(serviceSpec(files, 'tacho-ingest')['ports']).toMatchObject([{ port: 10261 }]);
  expect(agentPod(files).containers[0].args).toContain(`--aggregator=tacho-ingest.${namespace}.svc:10261`);
});

test.each([[['v1']], [['v1beta1']], [[]]])('only the group versions %j are registered', async (versions) => {
  const made = kinds(await render({ apiService: { versions } })).filter((name) =>
    name.startsWith('APIService'),
  );
  expect(made).toEqual(versions.map((version) => `APIService ${version}.metrics.k8s.io`));
});

test('two address families are the API’s: agents would find each replica twice', async () => {
  const files = await render({
    service: { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] },
  });
  expect(serviceSpec(files, 'tacho-aggregator')).toMatchObject({
    ipFamilyPolicy: 'RequireDualStack',
    ipFamilies: ['IPv6', 'IPv4'],
  });
  expect(serviceSpec(files, 'tacho-ingest')).not.toHaveProperty('ipFamilyPolicy');
});

test.each([
  ['self-managed', {}, { configMap: { name: 'tacho-aggregator-ca', key: 'ca.crt' } }],
  [
    'cert-manager',
    { tls: { type: 'cert-manager' } },
    { secret: { name: 'tacho-agent-trust', key: 'ca.crt' } },
  ],
])('with %s certificates Prometheus verifies the aggregator by its CA', async (_, values, ca) => {
  const files = await render({ ...values, serviceMonitor: { enabled: true } });
  expect(find(files, 'ServiceMonitor', 'tacho-aggregator')).toHaveProperty('spec.endpoints.0.tlsConfig', {
    serverName: `tacho-aggregator.${namespace}.svc`,
    ca,
  });
});
