import { afterAll, beforeAll, expect, test } from 'vitest';
import { install, isInstalled, uninstall } from './install.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { commandsBelow, type PageSession, pageSession } from './page-session.ts';
import { describeOnCluster } from './shared-cluster.ts';

const file = 'test/cluster/without-helm.test.ts';
const [render = '', apply = '', remove = ''] = commandsBelow(
  'docs/install.md',
  'Without Helm, and GitOps',
  file,
);

interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly [field: string]: unknown;
}

describeOnCluster('helm template and kubectl apply', (cluster) => {
  let session: PageSession;
  let installed: readonly KubernetesObject[] = [];

  /** The objects of the manifest as the API server has them, without what it or the aggregator gives them. */
  async function objects(): Promise<readonly KubernetesObject[]> {
    const text = await session.type(['kubectl get -f tacho.yaml -o json']);
    const { items } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as {
      items: readonly KubernetesObject[];
    };
    return items.map(withoutLife).sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
  const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;

  beforeAll(async () => {
    session = pageSession(cluster);
    if (await isInstalled(cluster)) await uninstall(cluster);
    await session.type([render]);
    await install(cluster);
    installed = await objects();
    await uninstall(cluster);
    await session.type([apply]);
    await until(
      'numbers of every node',
      90,
      async () => (await listMetrics(cluster, 'nodes')).length === cluster.nodes.length,
    );
    // `kubectl diff` reads an object and asks what it would become: a status that changes in between is a difference.
    for (const workload of ['daemonset/tacho-agent', 'deployment/tacho-aggregator'])
      await cluster.kubectl(['-n', 'kube-system', 'rollout', 'status', workload, '--timeout=150s'], {
        timeoutMs: 160_000,
      });
  });
  afterAll(() => session.close());

  test('give the objects that helm install gives', async () => {
    expect(installed.length).toBeGreaterThan(15);
    expect(await objects()).toEqual(installed);
  });

  test('fight over no field with the aggregator: applied again, also by somebody else, the manifest changes nothing', async () => {
    const bundle = () =>
      cluster.kubectl(['get', 'apiservice', 'v1.metrics.k8s.io', '-o', 'jsonpath={.spec.caBundle}']);
    const before = await bundle();
    expect(before).not.toBe('');
    const difference = await session.run([
      'kubectl diff --server-side -f tacho.yaml',
      'kubectl diff --server-side --force-conflicts --field-manager=gitops -f tacho.yaml',
    ]);
    expect(difference.stdout.split('\n').filter((line) => /^[+-] {2,}/.test(line))).toEqual([]);
    expect(difference.code).toBe(0);
    await session.type([apply]);
    expect(await bundle()).toBe(before);
  });

  test('leave nothing when the manifest is deleted', async () => {
    await session.type([remove]);
    const left = await session.run(['kubectl get -f tacho.yaml --ignore-not-found -o name']);
    expect(left.stdout.split('\n').slice(1).filter(Boolean)).toEqual([]);
  });
});

function withoutLife(object: KubernetesObject): KubernetesObject {
  const { status: _status, data: _data, ...rest } = object as Record<string, unknown>;
  const metadata = { ...(object.metadata as Record<string, unknown>) };
  for (const key of ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields'])
    delete metadata[key];
  const annotations = Object.entries(object.metadata.annotations ?? {}).filter(
    ([name]) => !/^(?:meta\.helm\.sh\/|deployment\.kubernetes\.io\/|deprecated\.daemonset)/.test(name),
  );
  delete metadata['annotations'];
  if (annotations.length > 0) metadata['annotations'] = Object.fromEntries(annotations);
  const spec = { ...(rest['spec'] as Record<string, unknown> | undefined) };
  for (const key of ['clusterIP', 'clusterIPs', 'caBundle']) if (spec[key] !== 'None') delete spec[key];
  return {
    ...rest,
    metadata,
    ...(rest['spec'] === undefined ? {} : { spec }),
  } as unknown as KubernetesObject;
}
