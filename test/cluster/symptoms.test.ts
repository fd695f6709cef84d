import { afterEach, beforeAll, expect, test } from 'vitest';
import { chart, ensureInstalled, isInstalled, splitImage, uninstall } from './install.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const inNamespace = ['-n', 'kube-system'];
const replicas = ['-l', 'app.kubernetes.io/name=tacho,app.kubernetes.io/component=aggregator'];

interface KubernetesPod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
}
interface KubernetesEvent {
  readonly message: string;
  readonly involvedObject: { readonly uid: string };
}

/** What docs/troubleshooting.md tells of a cluster, brought about for once, and mended as it says. */
describeOnCluster('a symptom of docs/troubleshooting.md', (cluster) => {
  const top = () => cluster.run([cluster.kubectlPath, 'top', 'nodes']);
  const availability = () =>
    cluster.kubectl(['get', 'apiservices', 'v1.metrics.k8s.io', 'v1beta1.metrics.k8s.io']);
  const eventually = (what: string, look: () => Promise<string>, expected: RegExp) =>
    until(`${what} ${expected}`, 90, async () => expected.test(await look()));
  const scale = (count: number) =>
    cluster.kubectl([...inNamespace, 'scale', 'deployment/tacho-aggregator', `--replicas=${count}`]);
  const logs = () => cluster.kubectl([...inNamespace, 'logs', '--tail=-1', ...replicas]);
  const list = async <Kind>(words: readonly string[]) => {
    const text = await cluster.kubectl([...inNamespace, ...words, '-o', 'json']);
    return (JSON.parse(text) as { items: readonly Kind[] }).items;
  };

  beforeAll(() => ensureInstalled(cluster));
  // The mend of most rows.
  afterEach(() => ensureInstalled(cluster));

  test('no replica: MissingEndpoints, Metrics API not available', async () => {
    await scale(0);
    await eventually('APIServices', availability, /False \(MissingEndpoints\)/);
    await eventually('kubectl top', async () => (await top()).stderr, /Metrics API not available/);
    await scale(2);
  });

  test('somebody has changed what the chart says: Helm names the conflict, and --force-conflicts ends it', async () => {
    await scale(3);
    await expect(ensureInstalled(cluster)).rejects.toThrow(
      /conflict with "kubectl" with subresource "scale" using apps\/v1: \.spec\.replicas/,
    );
    await cluster.helm([
      'upgrade',
      'tacho',
      chart,
      ...inNamespace,
      '--reset-then-reuse-values',
      '--force-conflicts',
    ]);
  });

  test('no agent: metrics not available yet', async () => {
    await ensureInstalled(cluster, { 'agent.nodeSelector.no': 'such' }, 0);
    await eventually('kubectl top', async () => (await top()).stderr, /metrics not available yet/);
  });

  test('no Service: ServiceNotFound', async () => {
    await cluster.kubectl([...inNamespace, 'delete', 'service', 'tacho-aggregator']);
    await eventually('APIServices', availability, /False \(ServiceNotFound\)/);
  });

  test('a port that nobody lets through: FailedDiscoveryCheck', async () => {
    const patch = '{"spec":{"ports":[{"port":443,"targetPort":9}]}}';
    await cluster.kubectl([...inNamespace, 'patch', 'service', 'tacho-aggregator', '-p', patch]);
    await eventually('APIServices', availability, /False \(FailedDiscoveryCheck\)/);
    await cluster.kubectl([...inNamespace, 'delete', 'service', 'tacho-aggregator']);
  });

  test('the ConfigMap was deleted: the log says so with the command that mends it', async () => {
    await cluster.kubectl([...inNamespace, 'delete', 'configmap', 'tacho-aggregator-ca']);
    const told =
      /does not exist, so agents cannot learn the CA.*(kubectl -n kube-system create configmap \S+?)"/;
    const { value } = await until('the log line', 60, async () => told.exec(await logs())?.[1]);
    expect(value).toBe('kubectl -n kube-system create configmap tacho-aggregator-ca');
    await cluster.kubectl(value.split(' ').slice(1));
    await eventually(
      'the ConfigMap',
      () => cluster.kubectl([...inNamespace, 'get', 'configmap', 'tacho-aggregator-ca', '-o', 'yaml']),
      /BEGIN CERTIFICATE/,
    );
    await cluster.kubectl([...inNamespace, 'delete', 'configmap', 'tacho-aggregator-ca']);
  });

  test('an APIService of somebody else: it is left alone', async () => {
    const patch = '{"spec":{"service":{"name":"metrics-server","namespace":"kube-system"}}}';
    await cluster.kubectl(['patch', 'apiservice', 'v1beta1.metrics.k8s.io', '--type=merge', '-p', patch]);
    await eventually(
      'the log',
      logs,
      /points to Service kube-system\/metrics-server, not to kube-system\/tacho-aggregator: it is left alone/,
    );
    await cluster.kubectl(['delete', 'apiservice', 'v1beta1.metrics.k8s.io']);
  });

  test('an eviction while the other replica has no place: the disruption budget', async () => {
    const names = cluster.nodes.map(({ name }) => name);
    await cluster.kubectl(['cordon', ...names]);
    try {
      const drain = await cluster.run([
        ...[cluster.kubectlPath, 'drain', ...names, '--ignore-daemonsets', '--timeout=20s'],
        '--pod-selector=app.kubernetes.io/name=tacho,app.kubernetes.io/component=aggregator',
      ]);
      expect(drain.stderr).toMatch(/Cannot evict pod as it would violate the pod's disruption budget/);
    } finally {
      await cluster.kubectl(['uncordon', ...names]);
    }
  });

  test('no aggregator yet: agents stay in ContainerCreating, references non-existent config key: ca.crt', async () => {
    if (await isInstalled(cluster)) await uninstall(cluster);
    const [image, tag] = splitImage(cluster.tacho);
    const values = [`image.repository=${image}`, `image.tag=${tag}`, 'aggregator.nodeSelector.no=such'];
    await cluster.helm([
      'install',
      'tacho',
      chart,
      ...inNamespace,
      ...values.flatMap((each) => ['--set', each]),
    ]);
    const agents = ['get', 'pods', '-l', 'app.kubernetes.io/component=agent'];
    // Events of earlier pods stay for an hour.
    const events = async () => {
      const uids = (await list<KubernetesPod>(agents))
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.uid);
      const failed = ['get', 'events', '--field-selector=reason=FailedMount'];
      const ofThem = (await list<KubernetesEvent>(failed)).filter(({ involvedObject }) =>
        uids.includes(involvedObject.uid),
      );
      return ofThem.map(({ message }) => message).join('\n');
    };
    await eventually('events', events, /references non-existent config key: ca\.crt/);
    await eventually('agents', () => cluster.kubectl([...inNamespace, ...agents]), /ContainerCreating/);
  });
});
