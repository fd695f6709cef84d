import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueServing } from '../../aggregator/src/trust/issue-certificates.ts';
import { servingNames } from '../../aggregator/src/trust/service-names.ts';
import { readTlsSecret } from '../../aggregator/src/trust/tls-secret.ts';
import { until } from '../kernel/checks/until.ts';
import { namespace } from '../one-machine/credentials.ts';
import type { KubeObject } from '../stand-ins/kube-apiserver/object-store.ts';
import {
  apiServiceNames,
  configMapName,
  secretName,
  startCertifiedCluster,
} from './fixture-certified-cluster.ts';

const failures: string[] = [];
let cluster: Awaited<ReturnType<typeof startCertifiedCluster>>;
const nodes = ['n1', 'n2'];
/** The second kubelet is slow: the switch has to wait for it. */
const slowMs = 4_000;
const dayMs = 24 * 3_600_000;
const longestMs = 30_000;

beforeAll(async () => {
  cluster = await startCertifiedCluster((sentence) => failures.push(sentence));
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  expect(failures).toEqual([]);
});

const holds = (ca: string) =>
  cluster.publishedCa() === ca && apiServiceNames.every((name) => cluster.caBundle(name) === ca);
const logged = (word: string) => cluster.log('aggregator').split(word).length - 1;

/** Each time that this node's agent opened a stream. */
function opened(node: string): { readonly time: number; readonly replica: string }[] {
  const lines = cluster.log(`agent-${node}`).split('\n');
  return lines
    .filter((line) => line.includes('stream to aggregator is open'))
    .map((line) => JSON.parse(line) as { time: number; replica: string });
}

function isAtRest(node: string): boolean {
  const all = opened(node);
  const replicas = new Set(all.map(({ replica }) => replica));
  return replicas.size === 2 && Date.now() - (all.at(-1)?.time ?? 0) > 2_000;
}

/** Does something while all are read and connected to: no read and no connection fails, no stream ends. */
async function whileAsked(act: () => Promise<void>): Promise<void> {
  const there = [...nodes];
  const before = there.map(opened);
  const asking = cluster.startAsking();
  try {
    await act();
    // What was not followed yet would show now.
    await sleep(1_500);
  } finally {
    await asking.stop();
  }
  const whole = `200: ${there.join(' ')}`;
  expect([...asking.reads.keys()].filter((read) => !read.startsWith(whole))).toEqual([]);
  expect([...asking.connections.keys()]).toEqual(['verified']);
  for (const outcomes of [asking.reads, asking.connections]) {
    expect([...outcomes.values()].reduce((sum, times) => sum + times)).toBeGreaterThan(10);
  }
  expect(there.map(opened)).toEqual(before);
}

test('two replicas that start at once make one CA, which kube-apiserver and agents verify both by', async () => {
  const ca = cluster.secret()['ca.crt'] ?? '';
  expect(ca).toContain('BEGIN CERTIFICATE');
  await until('published', () => holds(ca), longestMs);
  expect(logged('wrote a new CA and a new serving certificate')).toBe(1);
  await cluster.register();
  await Promise.all(nodes.map((node, index) => cluster.startAgent(node, index === 0 ? 500 : slowMs)));
  await until('a stream to each replica, for two seconds', () => nodes.every(isAtRest), longestMs);
  await until(
    'available',
    () => cluster.apiserver.apiServices().every(({ available }) => available),
    longestMs,
  );
  await whileAsked(async () => undefined);
});

test('the CA is replaced through all three steps, and a serving certificate with it', async () => {
  const { store } = cluster.apiserver;
  const before = cluster.secret();
  let slowAtSwitch = '';
  using stack = new DisposableStack();
  const unsubscribe = store.subscribe(({ resource }) => {
    if (resource !== 'secrets' || cluster.secret()['ca.key'] === before['ca.key']) return;
    slowAtSwitch ||= cluster.agentsCa('n2');
  });
  stack.defer(unsubscribe);
  await whileAsked(async () => {
    const secret = store.get('secrets', secretName, namespace) as KubeObject;
    const annotations = { 'tacho/rotate-ca': 'now' };
    store.update('secrets', { ...secret, metadata: { ...secret.metadata, annotations } });
    await until('next CA', () => cluster.secret()['next-ca.crt'] !== undefined, longestMs);
    const next = cluster.secret()['next-ca.crt'] ?? '';
    await until('both published', () => holds(`${before['ca.crt']}${next}`), longestMs);
    await until('switched', () => slowAtSwitch !== '', longestMs);
    expect(slowAtSwitch).toContain(next);
    // A program that comes in the middle.
    nodes.push('n3');
    await cluster.startAgent('n3', 500);
    await until('dropped', () => cluster.secret()['ca.crt'] === next && holds(next), longestMs);
    await until('followed', () => nodes.every((node) => cluster.agentsCa(node) === next), longestMs);
  });
  expect(cluster.secret()['tls.crt']).not.toBe(before['tls.crt']);
  for (const word of ['wrote a next CA', 'serving certificate by the next CA', 'dropped the old CA']) {
    expect([word, logged(word)]).toEqual([word, 1]);
  }
});

test('a serving certificate with less than a third of its life is renewed', async () => {
  const { store } = cluster.apiserver;
  const secret = store.get('secrets', secretName, namespace) as KubeObject & { data: Record<string, string> };
  const names = servingNames({ namespace, service: 'tacho-aggregator', ingestService: 'tacho-ingest' });
  const { authority } = readTlsSecret(secret.data, names, Date.now());
  if (authority === undefined) throw new Error('no CA');
  // Made when it would have been.
  const old = await issueServing(authority, names, Date.now() - 300 * dayMs);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  await whileAsked(async () => {
    const data = { ...secret.data, 'tls.crt': base64(old.certificate), 'tls.key': base64(old.key) };
    store.update('secrets', { ...secret, data });
    const current = () => cluster.secret()['tls.crt'];
    await until('renewed', () => current() !== old.certificate, longestMs);
    expect(base64(current() ?? '')).not.toBe(secret.data['tls.crt']);
  });
  expect(cluster.secret()['ca.crt']).toBe(authority.bundle);
});

test('a Secret that is deleted is served from memory, and filled with the same', async () => {
  const { store } = cluster.apiserver;
  const before = cluster.secret();
  await whileAsked(async () => {
    store.delete('secrets', secretName, namespace);
    await until('told how to mend', () => logged(`create secret generic ${secretName}`) === 2, longestMs);
    await sleep(1_000);
    store.create('secrets', { type: 'Opaque', metadata: { namespace, name: secretName } });
    await until('filled', () => cluster.secret()['tls.key'] !== undefined, longestMs);
  });
  expect(cluster.secret()).toEqual(before);
});

test('a ConfigMap and APIServices that are edited are mended', async () => {
  const { store } = cluster.apiserver;
  const ca = cluster.publishedCa();
  await whileAsked(async () => {
    store.update('configmaps', { metadata: { namespace, name: configMapName }, data: { 'ca.crt': 'x' } });
    await until('ConfigMap', () => holds(ca), longestMs);
    for (const name of apiServiceNames) {
      const object = store.get('apiservices', name) as KubeObject & { spec: object };
      const { caBundle: _, ...spec } = object.spec as { caBundle?: string };
      store.update('apiservices', { ...object, spec: { ...spec, insecureSkipTLSVerify: true } });
    }
    await until('APIServices', () => holds(ca), longestMs);
  });
  for (const name of apiServiceNames) {
    expect(store.get('apiservices', name)?.['spec']).not.toHaveProperty('insecureSkipTLSVerify');
  }
});
