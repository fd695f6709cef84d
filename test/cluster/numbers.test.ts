import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { staticPod, zooContainers, zooNamespace, zooPods } from './manifests/zoo.ts';
import { type AgentReading, type AgentState, readAgentState } from './observe/agent-state.ts';
import { type KubeletSample, readKubeletMetrics } from './observe/kubelet-metrics.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const mebibyte = 2 ** 20;
/** The kubelet notes the instant of a sample beside reading it, not with it: on a slow kernel tens of milliseconds apart. */
const besideMs = 100;
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
    // One pod of each node after the other: a slow kernel that starts ten at once takes half a minute for each.
    const pods = cluster.nodes.map(({ name }) => zooPods(cluster, name));
    for (const [index] of pods[0]?.entries() ?? []) {
      await cluster.apply(pods.flatMap((each) => each[index] ?? []));
      await until('the pods have started', 120, () => settled(hasStarted), 500);
    }
    await until('the restarted pods have been restarted', 120, () => settled(hasRestarted), 500);
  });
  afterAll(async () => {
    for (const { name } of cluster.nodes) await cluster.staticPods?.remove(name, 'static.json');
    await cluster.kubectl(['delete', 'namespace', zooNamespace, '--wait=true', '--timeout=60s']);
  });

  describe.each(cluster.nodes.map((node) => ({ ...node })))('$name (cgroup $cgroup, $driver)', ({ name }) => {
    const wanted = [
      ...zooContainers(name),
      ...(cluster.staticPods === undefined ? [] : [`static-${name}/quiet`]),
    ].sort();
    let kubelet: readonly KubeletSample[] = [];
    let agent: AgentState;

    /** Both sides' numbers of the same moments: the agent's go on until after the newest of the kubelet's. */
    async function look(): Promise<void> {
      // The kubelet collects every 10 to 20 s, and drops what is not there any more as late.
      await until(
        `the zoo of ${name} in the kubelet's numbers`,
        120,
        async () => {
          kubelet = await readKubeletMetrics(cluster, name);
          expect(namesIn(kubelet).filter((each) => each.startsWith(`${zooNamespace}/`))).toEqual(
            wanted.map((each) => `${zooNamespace}/${each}`),
          );
          const newest = Math.max(...kubelet.map(({ atMs = 0 }) => atMs));
          agent = await readAgentState(cluster, name);
          return Date.parse(agent.node.counters.at(-1)?.at ?? '') > newest + besideMs;
        },
        1_000,
      );
    }
    beforeAll(look);

    test('the same containers', () => {
      expect(namesOf(agent)).toEqual(namesIn(kubelet));
    });

    test('CPU of each container, pod and the node lies between the readings around its instant', () => {
      const problems: string[] = [];
      let compared = 0;
      for (const { who, sample, readings } of pairs(kubelet, agent, 'cpu_usage_seconds_total')) {
        const around = bracket(readings, sample.atMs);
        if (around === undefined) continue;
        compared += 1;
        const usec = sample.value * 1e6;
        const [before, after] = around;
        if (usec < before.cpuUsageUsec - 1 || usec > after.cpuUsageUsec + 1) {
          problems.push(`${who}: kubelet ${usec} µs, agent ${before.cpuUsageUsec} … ${after.cpuUsageUsec}`);
        }
      }
      expect(problems).toEqual([]);
      // Three quarters at least: a sample may be older than the minute that the agent remembers.
      expect(compared).toBeGreaterThan(0.75 * (namesOf(agent).length + agent.pods.length));
    });

    test('the working set is the same', async () => {
      let problems = workingSetProblems(kubelet, agent);
      // One that grows and shrinks within seconds may be caught at its top by one side only: not time after time.
      for (let round = 1; round < rounds && problems.size > 0; round += 1) {
        await sleep(kubeletPeriodMs);
        await look();
        const again = workingSetProblems(kubelet, agent);
        problems = new Map([...problems].filter(([who]) => again.has(who)));
      }
      expect([...problems.values()]).toEqual([]);
    });

    test('start times differ by 2 s at most', () => {
      const started = new Map(
        agent.pods.flatMap((pod) =>
          pod.containers.map((each) => [`${pod.namespace}/${pod.name}/${each.name}`, each.startedAt]),
        ),
      );
      const problems = kubelet
        .filter(({ metric }) => metric === 'container_start_time_seconds')
        .map((sample) => ({
          who: containerOf(sample),
          kubelet: sample.value,
          agent: Date.parse(started.get(containerOf(sample)) ?? '') / 1000,
        }))
        .filter(({ kubelet, agent }) => !(Math.abs(kubelet - agent) <= 2));
      expect(problems).toEqual([]);
    });

    test('a container that was restarted is one container, counted from its restart', () => {
      const pod = agent.pods.find((each) => each.name === `restarted-${name}`);
      expect(pod?.containers.map((each) => [each.name, each.restartCount])).toEqual([['again', 1]]);
    });
  });
});

/** By whom it is about, where the kubelet's working set is not what the agent's readings around it say. */
function workingSetProblems(kubelet: readonly KubeletSample[], agent: AgentState): Map<string, string> {
  const problems = new Map<string, string>();
  for (const { who, sample, readings } of pairs(kubelet, agent, 'memory_working_set_bytes')) {
    const around = bracket(readings, sample.atMs);
    if (around === undefined) continue;
    const [low = 0, high = 0] = around.map((each) => each.memoryWorkingSetBytes).sort((a, b) => a - b);
    const tolerance = low === high ? 0 : Math.max(mebibyte, 0.02 * high);
    if (sample.value < low - tolerance || sample.value > high + tolerance) {
      problems.set(who, `${who}: kubelet ${sample.value} bytes, agent ${low} … ${high}`);
    }
  }
  return problems;
}

const containerOf = ({ labels }: KubeletSample) =>
  `${labels['namespace']}/${labels['pod']}/${labels['container']}`;

const namesIn = (kubelet: readonly KubeletSample[]) =>
  kubelet
    .filter(({ metric }) => metric === 'container_cpu_usage_seconds_total')
    .map(containerOf)
    .sort();

const namesOf = (agent: AgentState) =>
  agent.pods
    .flatMap((pod) => pod.containers.map((each) => `${pod.namespace}/${pod.name}/${each.name}`))
    .sort();

/** Each sample of the kubelet beside the agent's readings of the same container, pod or node. */
function pairs(kubelet: readonly KubeletSample[], agent: AgentState, what: string) {
  const readingsOf = new Map<string, readonly AgentReading[]>([
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
  readings: readonly AgentReading[],
  atMs: number | undefined,
): readonly [AgentReading, AgentReading] | undefined {
  if (atMs === undefined) return undefined;
  const before = readings.findLast(({ at }) => Date.parse(at) <= atMs - besideMs);
  const after = readings.find(({ at }) => Date.parse(at) >= atMs + besideMs);
  return before === undefined || after === undefined ? undefined : [before, after];
}
