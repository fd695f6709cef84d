import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { readAgentState } from './observe/agent-state.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const namespace = 'long-names';
/** With this the name of a pod's folder below /var/log/pods has nearly the 255 characters that a file system allows. */
const longestPodName = 200;
const shownWithinSeconds = 30;

/** Containers of pods with so long a name, by how much of the container ID is left in the name of the log link. */
const containers = {
  'half of the ID': 'main',
  'nothing of the ID': 'main'.padEnd(60, '-as-long-as-it-gets'),
};

describeOnCluster('containers whose log links have cut names', (cluster) => {
  const podName = (node: string, what: string) =>
    `${`${node}-${what.split(' ')[0]}`.padEnd(longestPodName - 1, '-x')}z`;
  const shown = async () =>
    (await listMetrics(cluster, `namespaces/${namespace}/pods`)).map(({ metadata }) => metadata.name);
  const untilShown = (names: readonly string[]) =>
    until(`metrics of ${names.length} pods`, shownWithinSeconds, async () => {
      const now = await shown();
      return names.every((name) => now.includes(name));
    });
  const namesWith = (...which: readonly string[]) =>
    cluster.nodes.flatMap(({ name }) => which.map((what) => podName(name, what)));

  beforeAll(async () => {
    await ensureInstalled(cluster);
    await cluster.kubectl(['create', 'namespace', namespace]);
    await until('the default service account', 30, () =>
      cluster.kubectl(['-n', namespace, 'get', 'serviceaccount', 'default']),
    );
    await cluster.apply(
      cluster.nodes.flatMap(({ name: node }) =>
        Object.entries(containers).map(([what, container]) => ({
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: podName(node, what), namespace },
          spec: {
            nodeName: node,
            hostname: 'short',
            terminationGracePeriodSeconds: 0,
            automountServiceAccountToken: false,
            containers: [
              {
                name: container,
                image: cluster.busybox,
                imagePullPolicy: 'IfNotPresent',
                command: ['/bin/sh', '-c', 'exec sleep 1000000'],
              },
            ],
          },
        })),
      ),
    );
    const pods = ['-n', namespace, 'wait', 'pods', '--all', '--for=condition=Ready', '--timeout=60s'];
    await cluster.kubectl(pods);
  });
  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
  });

  test('those with half of their ID left are reported', async () => {
    await untilShown(namesWith('half of the ID'));
  });

  describe.each(cluster.nodes.map((node) => ({ ...node })))('on $name', ({ name: node }) => {
    test('one with nothing left is not reported, and the debug endpoint says why', async () => {
      const pod = podName(node, 'nothing of the ID');
      // kubelet calls a pod ready before the agent has seen its log links: until then its containers are `starting`.
      const { value: pods } = await until(`${pod} is said to be cut`, shownWithinSeconds, async () => {
        const state = await readAgentState(cluster, node);
        const ofPod = (sentence: string) => sentence.includes(pod);
        if (state.notReported.some(({ code, sentence }) => code === 'link-cut' && ofPod(sentence)))
          return state.pods;
        throw new Error(JSON.stringify(state.notReported.map(({ code, sentence }) => ({ code, sentence }))));
      });
      expect(pods.map(({ name }) => name)).not.toContain(pod);
      expect(await shown()).not.toContain(pod);
    });
  });

  test('with agent.identity=api all of them are reported, by agents that may list and watch pods', async () => {
    await ensureInstalled(cluster, { 'agent.identity': 'api' });
    await untilShown(namesWith(...Object.keys(containers)));
    for (const { name } of cluster.nodes) {
      const { value } = await until('the agent’s state', 30, () => readAgentState(cluster, name));
      expect(value.notReported.filter(({ code }) => code === 'link-cut')).toEqual([]);
    }
    const agents = 'system:serviceaccount:kube-system:tacho-agent';
    const may = (verb: string, what: string) =>
      cluster.run([
        cluster.kubectlPath,
        '--kubeconfig',
        cluster.kubeconfig,
        'auth',
        'can-i',
        verb,
        what,
        '-A',
        `--as=${agents}`,
      ]);
    expect((await may('watch', 'pods')).stdout.trim()).toBe('yes');
    for (const what of ['secrets', 'configmaps', 'nodes'])
      expect([what, (await may('get', what)).stdout.trim()]).toEqual([what, 'no']);
  });
});
