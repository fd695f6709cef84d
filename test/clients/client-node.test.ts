import { CoreV1Api, KubeConfig, Metrics, topNodes, topPods } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';

const mebibyte = 2 ** 20;

let cluster: FixedCluster;
let config: KubeConfig;
beforeAll(async () => {
  cluster = await startFixedCluster();
  config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

describe('Metrics of client-node', () => {
  it('getNodeMetrics() lists the nodes', async () => {
    const { kind, items } = await new Metrics(config).getNodeMetrics();
    expect(kind).toBe('NodeMetricsList');
    expect(items.map(({ metadata, usage, window }) => [metadata.name, usage, window])).toEqual([
      ['node-a', { cpu: '1', memory: '2Gi' }, '10s'],
      ['node-b', { cpu: '400m', memory: '4Gi' }, '10s'],
    ]);
  });

  it('getPodMetrics() lists the pods of all namespaces or of one', async () => {
    const metrics = new Metrics(config);
    const namesOf = async (namespace?: string) =>
      (await metrics.getPodMetrics(namespace)).items.map(({ metadata }) => metadata.name);
    expect(await namesOf()).toEqual(['web-0', 'web-1', 'worker', 'dns']);
    expect(await namesOf('kube-system')).toEqual(['dns']);
    expect(await namesOf('nowhere')).toEqual([]);
  });

  it('gives the status of a refusal', async () => {
    const stranger = new KubeConfig();
    const token = cluster.apiserver.issueToken({ username: 'nobody', groups: [] });
    stranger.loadFromString(await cluster.apiserver.kubeconfig({ token }));
    await expect(new Metrics(stranger).getNodeMetrics()).rejects.toMatchObject({ code: 403 });
  });
});

describe('top of client-node', () => {
  it('topNodes() sees every node', async () => {
    const nodes = await topNodes(config.makeApiClient(CoreV1Api));
    expect(nodes.map(({ Node, CPU }) => [Node.metadata?.name, Number(CPU.Capacity)])).toEqual([
      ['node-a', 4],
      ['node-b', 4],
    ]);
  });

  it('topPods() adds up what the containers of a pod use', async () => {
    const pods = await topPods(config.makeApiClient(CoreV1Api), new Metrics(config));
    const figures = pods.map(({ Pod, CPU, Memory, Containers }) => ({
      name: Pod.metadata?.name,
      cores: Number(CPU.CurrentUsage),
      mebibytes: Number(Memory.CurrentUsage) / mebibyte,
      containers: Containers.map(({ Container }) => Container),
    }));
    expect(figures).toEqual([
      { name: 'web-0', cores: 0.3, mebibytes: 128, containers: ['main', 'proxy'] },
      { name: 'web-1', cores: 0.1, mebibytes: 200, containers: ['main'] },
      { name: 'worker', cores: 0.005, mebibytes: 16, containers: ['main'] },
      { name: 'dns', cores: 0.002, mebibytes: 20, containers: ['main'] },
    ]);
  });
});
