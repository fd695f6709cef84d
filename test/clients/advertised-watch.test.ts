import { KubeConfig, type KubernetesObject, Metrics, makeInformer, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';
import { streamKubectl } from '../kubectl/kubectl-stream.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { pod, using } from './fixture-objects.ts';

const pods = '/apis/metrics.k8s.io/v1beta1/namespaces/default/pods';
const longestMs = 20_000;

let cluster: FixedCluster;
let config: KubeConfig;
beforeAll(async () => {
  cluster = await startFixedCluster({ aggregatorArgs: ['--advertise-watch'] });
  config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

describe('an aggregator with --advertise-watch', () => {
  it('is followed by an informer of client-node', async () => {
    const informer = makeInformer(
      config,
      pods,
      async () => (await new Metrics(config).getPodMetrics('default')) as never,
    );
    const [there, left, failures] = [new Set<string>(), new Set<string>(), [] as unknown[]];
    const nameOf = ({ metadata }: KubernetesObject) => metadata?.name ?? '';
    informer.on('add', (object) => void there.add(nameOf(object)));
    informer.on('delete', (object) => void left.add(nameOf(object)));
    informer.on('error', (error) => void failures.push(error));
    await informer.start();
    try {
      const coming = pod('default', 'informed', 'node-a', {}, { main: using(1, 1) });
      await cluster.addPod(coming);
      await until('the informer has the new pod', () => there.has('informed'), longestMs);
      cluster.deletePod(coming);
      await until('the informer has lost it again', () => left.has('informed'), longestMs);
      expect([...there].sort()).toEqual(['informed', 'web-0', 'web-1', 'worker']);
      expect([...left]).toEqual(['informed']);
      expect(failures).toEqual([]);
    } finally {
      await informer.stop();
    }
  });

  it('tells client-node of its Watch that a resourceVersion is too old', async () => {
    const told: string[] = [];
    await new Promise<void>((resolve, reject) => {
      new Watch(config)
        .watch(
          pods,
          { resourceVersion: '1' },
          (type, object) => void told.push(`${type} ${object.reason}`),
          () => resolve(),
        )
        .catch(reject);
    });
    expect(told).toEqual(['ERROR Expired']);
  });

  it.each<KubectlVersion>(['1.36', '1.32'])('lets kubectl %s go on from its list', async (version) => {
    const kubeconfig = cluster.kubeconfig;
    const signal = AbortSignal.timeout(60_000);
    const resources = await runKubectl(version, ['api-resources', '-o', 'wide'], { kubeconfig, signal });
    expect(resources.stdout).toMatch(/metrics.k8s.io\/v1\S*\s+true\s+PodMetrics\s+get,list,watch/);
    await using watch = await streamKubectl(
      version,
      ['get', 'podmetrics', 'worker', '-w', '--output-watch-events'],
      kubeconfig,
    );
    const rows = () => watch.lines.map((line) => line.split(/\s+/).slice(0, 2).join(' '));
    await until('three changes', () => watch.lines.length >= 5, longestMs);
    expect(rows().slice(0, 5)).toEqual([
      'EVENT NAME',
      'ADDED worker',
      ...new Array(3).fill('MODIFIED worker'),
    ]);
  });
});
