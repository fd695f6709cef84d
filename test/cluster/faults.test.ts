import { monitorEventLoopDelay } from 'node:perf_hooks';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { measured } from './observe/measured.ts';
import { ageSeconds, listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import type { Cluster, ClusterNode } from './rig/cluster.ts';
import { describeOnCluster } from './shared-cluster.ts';

const periodSeconds = 5;
const readsInARow = 10;
/** Three periods, at least 15 s: how long a silent node's last report is served. */
const agreedSeconds = 15;
/** A kernel that boots beside all others has to start its kubelet first. */
const backSecondsAtMost = 240;
const longestMs = 800_000;

interface Fault {
  readonly what: string;
  begin(): Promise<void>;
  end(): Promise<void>;
}

describeOnCluster('a node that falls silent', (cluster) => {
  const { network, power } = cluster;
  const faults = (node: ClusterNode): readonly Fault[] => [
    ...(power === undefined
      ? []
      : [
          {
            what: 'powered off, and on again',
            begin: () => power.kill(node.name),
            end: () => power.start(node.name),
          },
        ]),
    ...(network === undefined
      ? []
      : [
          {
            what: 'cut off, and healed',
            begin: () => network.cut(node.name),
            end: () => network.heal(node.name),
          },
        ]),
  ];
  // One of each kernel; the machine's own and a guest.
  const nodes = ['v1', 'v2'].flatMap((version) =>
    cluster.nodes.filter(({ cgroup }) => cgroup === version).slice(0, 1),
  );
  const cases = nodes.flatMap((node) => faults(node).map((fault) => ({ name: node.name, node, ...fault })));

  beforeAll(() => ensureInstalled(cluster));

  describe.skipIf(cases.length === 0).each(cases)('$name $what', ({ node, begin, end }) => {
    const others = cluster.nodes.filter(({ name }) => name !== node.name).map(({ name }) => name);
    const podsOf = async () => {
      const [items, names] = await Promise.all([listMetrics(cluster, 'pods'), podsOn(cluster, node.name)]);
      return items.filter(({ metadata }) => names.includes(`${metadata.namespace}/${metadata.name}`));
    };
    let othersOldestSeconds = 0;
    const othersProblems: string[] = [];
    /** Notes what is wrong with the others; not by throwing, which a wait would take for "not yet". */
    const look = async () => {
      const askedMs = Date.now();
      const items = await listMetrics(cluster, 'nodes');
      for (const name of others) {
        const item = items.find(({ metadata }) => metadata.name === name);
        if (item === undefined) othersProblems.push(`${new Date().toISOString()}: ${name} was missing`);
        else othersOldestSeconds = Math.max(othersOldestSeconds, ageSeconds(item, askedMs));
      }
      return items.some(({ metadata }) => metadata.name === node.name);
    };

    test(
      'its data vanish after the agreed time, come back without help, and the others’ do not age',
      async () => {
        await keepReplicasOff(cluster, node.name);
        // Whatever was done to the cluster before: each replica hears every agent, and the next reads are of either.
        const { seconds } = await until('all nodes and this one’s pods in read after read', 60, async () => {
          for (let read = 0; read < readsInARow; read += 1) {
            const items = await listMetrics(cluster, 'nodes');
            if (items.length < cluster.nodes.length || (await podsOf()).length === 0) {
              const names = items.map(({ metadata }) => metadata.name).join();
              throw new Error(
                `found nodes ${names}, and of ${node.name} pods ${JSON.stringify(await podsOf())}`,
              );
            }
          }
          return true;
        });
        if (seconds > 5) measured(`${node.name}: all were there only after ${seconds.toFixed(1)} s`);
        // A machine that stands still for a moment stops the agents too.
        const delay = monitorEventLoopDelay();
        delay.enable();
        let goneMs = 0;
        let endMs = 0;
        const beforeMs = performance.now();
        await begin();
        const beganMs = performance.now();
        try {
          await until('its data are gone', 60, async () => !(await look()));
          goneMs = performance.now();
          // The replicas count each for itself, from when the last report has reached them: the next read may be another's.
          await until('its pods are gone', 2, async () => (await podsOf()).length === 0);
        } finally {
          // Else a fault that stays would fail whatever is tested after it.
          endMs = performance.now();
          await end();
        }
        await until('its data are back', backSecondsAtMost, look);
        const backSeconds = (performance.now() - endMs) / 1000;
        await until('its pods are back', backSecondsAtMost, async () => (await podsOf()).length > 0);
        const shortestSeconds = (goneMs - beganMs) / 1000;
        const longestSeconds = (goneMs - beforeMs) / 1000;
        measured(
          `${node.name}: gone after ${longestSeconds.toFixed(1)} s, back ${backSeconds.toFixed(1)} s after; others at most ${othersOldestSeconds.toFixed(1)} s old`,
        );
        delay.disable();
        const stoodStillSeconds = Math.max(0, delay.max / 1e9 - 0.1);
        if (stoodStillSeconds > 0)
          measured(`${node.name}: stood still for ${stoodStillSeconds.toFixed(2)} s at most`);
        expect(othersProblems).toEqual([]);
        // The last report may have come up to one period before the fault, or while it was made.
        expect(longestSeconds).toBeGreaterThan(agreedSeconds - periodSeconds - 1);
        expect(shortestSeconds).toBeLessThanOrEqual(agreedSeconds + 1 + stoodStillSeconds);
        // One period, what the API cuts off, and a second for a busy machine.
        expect(othersOldestSeconds).toBeLessThanOrEqual(periodSeconds + 2 + stoodStillSeconds);
        await until('the node is ready', backSecondsAtMost, async () =>
          (
            await cluster.kubectl([
              ...['get', 'node', node.name, '-o'],
              'jsonpath={.status.conditions[?(@.type=="Ready")].status}',
            ])
          ).includes('True'),
        );
      },
      longestMs,
    );
  });
});

/**
 * Moves the replicas to the other nodes: here the silence of an agent is looked at, and a replica that is lost with its
 * node stays in the Service until Kubernetes takes it out.
 */
async function keepReplicasOff(cluster: Cluster, node: string): Promise<void> {
  const where = await cluster.kubectl([
    ...[
      '-n',
      'kube-system',
      'get',
      'pods',
      '-l',
      'app.kubernetes.io/name=tacho,app.kubernetes.io/component=aggregator',
    ],
    ...['-o', 'jsonpath={.items[*].spec.nodeName}'],
  ]);
  if (!where.split(' ').includes(node)) return;
  await cluster.kubectl(['cordon', node]);
  try {
    await cluster.kubectl(['-n', 'kube-system', 'rollout', 'restart', 'deployment/tacho-aggregator']);
    await cluster.kubectl(
      ['-n', 'kube-system', 'rollout', 'status', 'deployment/tacho-aggregator', '--timeout=120s'],
      { timeoutMs: 130_000 },
    );
    await until('no replica there', 120, async () => {
      const names = await podsOn(cluster, node);
      return !names.some((name) => name.startsWith('kube-system/tacho-aggregator-'));
    });
  } finally {
    await cluster.kubectl(['uncordon', node]);
  }
}

async function podsOn(cluster: Cluster, node: string): Promise<readonly string[]> {
  const text = await cluster.kubectl([
    ...['get', 'pods', '-A', '--field-selector', `spec.nodeName=${node}`, '--no-headers'],
    ...['-o', 'custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name'],
  ]);
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).join('/'));
}
