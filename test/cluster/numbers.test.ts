import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CounterPoint } from '../../agent/src/debug/counter-points.ts';
import type { DebugState } from '../../agent/src/debug/debug-state.ts';
import { ensureInstalled } from './install.ts';
import { staticPod, zooContainers, zooNamespace, zooPods } from './manifests/zoo.ts';
import { readAgentState } from './observe/agent-state.ts';
import { type KubeletSample, readKubeletMetrics } from './observe/kubelet-metrics.ts';
import { measured } from './observe/measured.ts';
import { startedContainers } from './observe/running-containers.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const mebibyte = 2 ** 20;
/** The kubelet notes the instant of a sample beside reading it, not with it: on a slow kernel tens of milliseconds apart. */
const besideMs = 100;
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

      test('CPU of each container, pod and the node lies between the readings around its instant', () => {
        const problems: string[] = [];
        const compared: string[] = [];
        for (const { who, sample, readings } of pairs(kubelet, agent, 'cpu_usage_seconds_total')) {
          const around = bracket(readings, sample.atMs);
          if (around === undefined) continue;
          compared.push(who);
          const usec = sample.value * 1e6;
          const [before = Number.NaN, after = Number.NaN] = around.map(({ cpuUsageUsec }) => cpuUsageUsec);
          if (!(usec >= before - 1 && usec <= after + 1)) {
            problems.push(`${who}: kubelet ${usec} µs, agent ${before} … ${after}`);
          }
        }
        expect(problems).toEqual([]);
        expect(compared).toEqual(expect.arrayContaining(everybody));
      });

      test('the working set is the same', async () => {
        let { compared, problems } = compareWorkingSets(kubelet, agent);
        expect(compared).toEqual(expect.arrayContaining(everybody));
        // One that grows and shrinks within seconds may be caught at its top by one side only: not time after time.
        for (let round = 1; round < rounds && problems.size > 0; round += 1) {
          await sleep(kubeletPeriodMs);
          await look();
          const again = compareWorkingSets(kubelet, agent).problems;
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

/** Who was compared, and by whom it is about where the kubelet's working set is not what the readings around it say. */
function compareWorkingSets(kubelet: readonly KubeletSample[], agent: DebugState) {
  const compared: string[] = [];
  const problems = new Map<string, string>();
  for (const { who, sample, readings } of pairs(kubelet, agent, 'memory_working_set_bytes')) {
    const around = bracket(readings, sample.atMs);
    if (around === undefined) continue;
    compared.push(who);
    const [low = Number.NaN, high = Number.NaN] = around
      .map((each) => each.memoryWorkingSetBytes ?? Number.NaN)
      .sort((a, b) => a - b);
    const tolerance = low === high ? 0 : Math.max(mebibyte, 0.02 * high);
    if (!(sample.value >= low - tolerance && sample.value <= high + tolerance)) {
      problems.set(who, `${who}: kubelet ${sample.value} bytes, agent ${low} … ${high}`);
    }
  }
  return { compared, problems };
}

const containerOf = ({ labels }: KubeletSample) =>
  `${labels['namespace']}/${labels['pod']}/${labels['container']}`;

const namesIn = (kubelet: readonly KubeletSample[]) =>
  kubelet
    .filter(({ metric }) => metric === 'container_cpu_usage_seconds_total')
    .map(containerOf)
    .sort();

const namesOf = (agent: DebugState) =>
  agent.pods
    .flatMap((pod) => pod.containers.map((each) => `${pod.namespace}/${pod.name}/${each.name}`))
    .sort();

/** Each sample of the kubelet beside the agent's readings of the same container, pod or node. */
function pairs(kubelet: readonly KubeletSample[], agent: DebugState, what: string) {
  const readingsOf = new Map<string, readonly CounterPoint[]>([
    ['node', agent.node.counters],
    ...agent.pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod.counters] as const),
    ...agent.pods.flatMap((pod) =>
      pod.containers.map((each) => [`${pod.namespace}/${pod.name}/${each.name}`, each.counters] as const),
    ),
  ]);
  return kubelet.flatMap((sample) => {
    const { metric, labels } = sample;
    const who =
      metric === `node_${what}`
        ? 'node'
        : metric === `pod_${what}`
          ? `${labels['namespace']}/${labels['pod']}`
          : metric === `container_${what}`
            ? containerOf(sample)
            : undefined;
    const readings = who === undefined ? undefined : readingsOf.get(who);
    return who === undefined || readings === undefined ? [] : [{ who, sample, readings }];
  });
}

/** The last reading before an instant and the first after it; undefined when the agent does not remember so far back. */
function bracket(
  readings: readonly CounterPoint[],
  atMs: number | undefined,
): readonly [CounterPoint, CounterPoint] | undefined {
  if (atMs === undefined) return undefined;
  const before = readings.findLast(({ at }) => Date.parse(at) <= atMs - besideMs);
  const after = readings.find(({ at }) => Date.parse(at) >= atMs + besideMs);
  return before === undefined || after === undefined ? undefined : [before, after];
}
