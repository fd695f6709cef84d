import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DebugState } from '../../agent/src/debug/debug-state.ts';
import { ensureInstalled } from './install.ts';
import { staticPod, zooContainers, zooNamespace, zooPods } from './manifests/zoo.ts';
import { readAgentState } from './observe/agent-state.ts';
import {
  bracket,
  compareCpu,
  compareWorkingSets,
  containerOf,
  namesIn,
  namesOf,
  pairs,
} from './observe/compare-readings.ts';
import { type KubeletSample, readKubeletMetrics } from './observe/kubelet-metrics.ts';
import { measured } from './observe/measured.ts';
import { startedContainers } from './observe/running-containers.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const measures = ['cpu_usage_seconds_total', 'memory_working_set_bytes'] as const;
const kubeletPeriodMs = 15_000;
const rounds = 4;

interface PodStatus {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}
interface ContainerStatus {
  readonly restartCount: number;
  readonly state: { readonly running?: object };
}

const runs = ({ state }: ContainerStatus) => state.running !== undefined;
const hasRestarted = ({ metadata, status }: PodStatus) =>
  !metadata.name.startsWith('restarted-') ||
  (status.containerStatuses ?? []).some((each) => each.restartCount === 1 && runs(each));
const hasStarted = ({ metadata, status }: PodStatus) =>
  metadata.name.startsWith('restarted-') ||
  (status.initContainerStatuses ?? []).some(runs) ||
  (status.containerStatuses ?? []).some(runs);

describeOnCluster('the agent counts what the kubelet counts', (cluster) => {
  beforeAll(async () => {
    await ensureInstalled(cluster);
    await cluster.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: zooNamespace } }]);
    await until('the default service account', 30, () =>
      cluster.kubectl(['-n', zooNamespace, 'get', 'serviceaccount', 'default']),
    );
    const settled = async (ready: (pod: PodStatus) => boolean) => {
      const text = await cluster.kubectl(['-n', zooNamespace, 'get', 'pods', '-o', 'json']);
      return (JSON.parse(text) as { items: PodStatus[] }).items.every(ready);
    };
    for (const { name } of cluster.nodes) {
      await cluster.staticPods?.put(name, 'static.json', JSON.stringify(staticPod(cluster)));
    }
    // One after the other: a slow kernel that starts ten at once takes half a minute from a container to its process.
    for (const pod of cluster.nodes.flatMap(({ name }) => zooPods(cluster, name))) {
      await cluster.apply([pod]);
      await until('the pod has started', 60, () => settled(hasStarted), 300);
    }
    await until('the restarted pods have been restarted', 120, () => settled(hasRestarted), 500);
  });
  afterAll(async () => {
    for (const { name } of cluster.nodes) await cluster.staticPods?.remove(name, 'static.json');
    await cluster.kubectl(['delete', 'namespace', zooNamespace, '--wait=true', '--timeout=60s']);
    // Pods that end keep a slow kernel busy for longer than they have names.
    for (const { name } of cluster.nodes)
      await until(
        `no zoo on ${name}`,
        120,
        async () => {
          const samples = await readKubeletMetrics(cluster, name);
          return !samples.some(({ labels }) => labels['namespace'] === zooNamespace);
        },
        1_000,
      );
  });

  describe.each(cluster.nodes.map((node) => ({ ...node })))(
    '$name (cgroup $cgroup, $driver)',
    ({ name, cgroup }) => {
      const wanted = [
        ...zooContainers(name),
        ...(cluster.staticPods === undefined ? [] : [`static-${name}/quiet`]),
      ].map((each) => `${zooNamespace}/${each}`);
      const everybody = ['node', ...wanted, ...wanted.map((each) => each.slice(0, each.lastIndexOf('/')))];
      let kubelet: readonly KubeletSample[] = [];
      let agent: DebugState;

      /** Both sides' numbers of the same moments: the agent's go on until after the newest of the kubelet's. */
      async function look(): Promise<void> {
        // The kubelet collects every 10 to 20 s, and drops what is not there any more as late.
        await until(
          `the same containers from both, with the zoo of ${name}`,
          120,
          async () => {
            kubelet = await readKubeletMetrics(cluster, name);
            agent = await readAgentState(cluster, name);
            expect(namesIn(kubelet)).toEqual(expect.arrayContaining(wanted));
            expect(namesOf(agent)).toEqual(namesIn(kubelet));
            const unbracketed = measures
              .flatMap((what) => pairs(kubelet, agent, what))
              .filter(({ sample, readings }) => bracket(readings, sample.atMs) === undefined);
            expect(unbracketed.map(({ who, sample }) => `${sample.metric} of ${who}`)).toEqual([]);
            return true;
          },
          1_000,
        );
      }
      beforeAll(look);

      test('the same containers, the zoo among them', () => {
        expect(namesOf(agent)).toEqual(namesIn(kubelet));
        expect(namesOf(agent)).toEqual(expect.arrayContaining(wanted));
      });

      // One of the two may be caught between reading and noting the instant, or at the top of what comes and goes within
      // seconds: not time after time.
      test.each([
        ['CPU of each container, pod and the node lies between the readings around its instant', compareCpu],
        ['the working set is the same', compareWorkingSets],
      ])('%s', async (_, compare) => {
        let { compared, problems } = compare(kubelet, agent);
        expect(compared).toEqual(expect.arrayContaining(everybody));
        for (let round = 1; round < rounds && problems.size > 0; round += 1) {
          await sleep(kubeletPeriodMs);
          await look();
          const again = compare(kubelet, agent).problems;
          problems = new Map([...problems].filter(([who]) => again.has(who)));
        }
        expect([...problems.values()]).toEqual([]);
      });

      test('start times differ by 2 s at most', async () => {
        const made = new Map(
          agent.pods.flatMap((pod) =>
            pod.containers.map((each) => [`${pod.namespace}/${pod.name}/${each.name}`, each.startedAt]),
          ),
        );
        const runtimeStarted = await startedContainers(cluster);
        const starts = kubelet.filter(({ metric }) => metric === 'container_start_time_seconds');
        expect(starts.map(containerOf)).toEqual(expect.arrayContaining(wanted));
        const apart = starts
          .map((sample) => ({
            who: containerOf(sample),
            kubelet: sample.value,
            agent: Date.parse(made.get(containerOf(sample)) ?? '') / 1000,
          }))
          .filter(({ kubelet, agent }) => !(Math.abs(kubelet - agent) <= 2));
        if (apart.length > 0)
          measured(`${name}: start times further apart than 2 s: ${JSON.stringify(apart)}`);
        // The kubelet's is when the runtime was asked for the container, the agent's when its cgroup was made: a guest's
        // slow kernel may take longer from the one to the other, and then the agent's lies before the runtime was done.
        const problems = apart.filter(
          ({ who, kubelet, agent }) =>
            cgroup === 'v1' || !(agent >= kubelet && agent <= (runtimeStarted.get(who) ?? Number.NaN) + 1),
        );
        expect(problems).toEqual([]);
      });

      test('a container that was restarted is one container, counted from its restart', () => {
        const pod = agent.pods.find((each) => each.name === `restarted-${name}`);
        expect(pod?.containers.map((each) => [each.name, each.restartCount])).toEqual([['again', 1]]);
      });
    },
  );
});
