import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { agentPodOf, ensureInstalled } from './install.ts';
import type { Showing, Shown } from './observe/show-tokens.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';
import { replicaAddress } from './side-by-side/peers.ts';

const namespace = 'kube-system';
const audience = 'tacho-aggregator';
const boundPod = 'tacho-test-bound';
const ingestPort = 10_251;
const showTokens = join(import.meta.dirname, 'observe', 'show-tokens.ts');
const notValid = `UNAUTHENTICATED: token is not valid for audience "${audience}"`;

describeOnCluster('tokens as a real kube-apiserver issues and reviews them', (cluster) => {
  let shown: Shown = {};

  /** By TokenRequest, for ten minutes: what the API gives at the least. */
  async function issue(account: string, pod?: string, audiences = [audience]): Promise<string> {
    const boundObjectRef = pod === undefined ? undefined : { kind: 'Pod', apiVersion: 'v1', name: pod };
    const { status, body } = await cluster.api.post(
      `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`,
      {
        ...{ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' },
        spec: { audiences, expirationSeconds: 600, ...(boundObjectRef && { boundObjectRef }) },
      },
    );
    if (status !== 201) throw new Error(`asking for a token of ${account}: ${status} ${body}`);
    return (JSON.parse(body) as { status: { token: string } }).status.token;
  }

  async function show(tokens: Readonly<Record<string, string>>): Promise<Shown> {
    const replica = {
      ...{ host: await replicaAddress(cluster), port: ingestPort },
      name: `tacho-aggregator.${namespace}.svc`,
    };
    const ca = await cluster.kubectl([
      ...['-n', namespace, 'get', 'configmap', 'tacho-aggregator-ca'],
      ...['-o', 'jsonpath={.data.ca\\.crt}'],
    ]);
    const input = JSON.stringify({ replica, ca, tokens } satisfies Showing);
    const ran = await cluster.run([process.execPath, showTokens], { input, timeoutMs: 60_000 });
    if (ran.code !== 0) throw new Error(`showing tokens: ${ran.stderr}`);
    return JSON.parse(ran.stdout) as Shown;
  }

  const deleteBoundPod = () =>
    cluster.kubectl(
      ['-n', namespace, 'delete', 'pod', boundPod, '--ignore-not-found', '--grace-period=0', '--force'],
      { timeoutMs: 60_000 },
    );

  beforeAll(async () => {
    await ensureInstalled(cluster);
    await deleteBoundPod();
    // Of the agents’ account, but nowhere: a token can be bound to it.
    await cluster.apply([
      {
        ...{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name: boundPod } },
        spec: {
          serviceAccountName: 'tacho-agent',
          nodeSelector: { 'tacho-test/nowhere': 'at-all' },
          containers: [{ name: 'none', image: cluster.busybox }],
        },
      },
    ]);
    const [firstNode = ''] = cluster.nodes.map(({ name }) => name);
    const agentPod = await agentPodOf(cluster, firstNode);
    const proper = await issue('tacho-agent', agentPod);
    const [header, claims, signature = ''] = proper.split('.');
    const bound = await issue('tacho-agent', boundPod);
    const tokens = {
      'of an agent’s pod': proper,
      'nothing that was issued': 'nonsense',
      'with another signature': [header, claims, [...signature].reverse().join('')].join('.'),
      'of another account': await issue('default'),
      'for kube-apiserver': await issue('tacho-agent', agentPod, ['https://kubernetes.default.svc']),
      'bound to no pod': await issue('tacho-agent'),
      'of a pod that is on no node': bound,
    };
    // A review that takes longer than three seconds decides nothing.
    const { value: before } = await until('each token was reviewed', 60, async () => {
      const all = await show(tokens);
      if (Object.values(all).some((each) => each.includes('cannot review')))
        throw new Error(JSON.stringify(all));
      return all;
    });
    await deleteBoundPod();
    shown = before;
    // kube-apiserver remembers for ten seconds that a token was good.
    await until('the pod’s end is known', 30, async () => {
      const after = (await show({ it: bound }))['it'] ?? '';
      shown = { ...before, 'of a pod that was deleted': after };
      return after.startsWith('UNAUTHENTICATED');
    });
  });
  afterAll(deleteBoundPod);

  test('of an agent’s pod is heard', () => {
    expect(shown['of an agent’s pod']).toBe('heard');
  });

  test.each([
    ['nothing that was issued', notValid],
    ['with another signature', notValid],
    ['for kube-apiserver', notValid],
    ['of a pod that was deleted', notValid],
    [
      'of another account',
      `PERMISSION_DENIED: token is of system:serviceaccount:${namespace}:default, expected system:serviceaccount:${namespace}:tacho-agent`,
    ],
    ['bound to no pod', 'PERMISSION_DENIED: token names no pod: it must be bound to the agent’s pod'],
    [
      'of a pod that is on no node',
      'UNAVAILABLE: the token names no node, and the watch does not know its pod yet: try again',
    ],
  ])('%s is refused', (what, refusal) => {
    expect(shown[what]).toBe(refusal);
  });
});
