import { setTimeout as sleep } from 'node:timers/promises';
import { errorWords } from '@tacho/command-line';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { readKubeletMetrics } from './observe/kubelet-metrics.ts';
import { KubeletRates } from './observe/kubelet-rates.ts';
import { measured } from './observe/measured.ts';
import { listMetrics, type MetricsItem } from './observe/metrics-reads.ts';
import { SameSamples } from './observe/same-samples.ts';
import { until } from './observe/until.ts';
import type { Cluster } from './rig/cluster.ts';
import { describeOnCluster } from './shared-cluster.ts';
import { listOfMetricsServer, startMetricsServer } from './side-by-side/peers.ts';

const perSecond = 10;
const enoughPairs = 10;
const label = 'tacho-test/agent';
/** One aggregator, so that every read is of the same replica; agents only where a node says so. */
const values = {
  'aggregator.replicas': '1',
  'puller.enabled': 'true',
  [`agent.nodeSelector.${label}`]: 'wanted',
};

/** Reads nodes and pods until stopped: what a read lacked, and where a timestamp went back. */
function keepLooking(cluster: Cluster, expected: readonly string[]) {
  const seen = { reads: 0, failures: [] as string[], missing: [] as string[], back: [] as string[] };
  const newest = new Map<string, number>();
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const soon = sleep(1_000 / perSecond);
      try {
        const lists = await Promise.all(['nodes', 'pods'].map((resource) => listMetrics(cluster, resource)));
        const items = new Map(lists.flat().map((item) => [nameOf(item), Date.parse(item.timestamp)]));
        seen.missing.push(...expected.filter((name) => !items.has(name)));
        for (const [name, atMs] of items) {
          if (atMs < (newest.get(name) ?? 0)) seen.back.push(name);
          newest.set(name, atMs);
        }
      } catch (error) {
        seen.failures.push(errorWords(error));
      }
      seen.reads += 1;
      await soon;
    }
  })();
  return async () => {
    stopped = true;
    await running;
    return seen;
  };
}

const nameOf = ({ metadata: { name, namespace } }: MetricsItem) =>
  namespace === undefined ? name : `${namespace}/${name}`;

describeOnCluster(
  'nodes without an agent, one of cgroup v1 and one of v2 where there are both',
  (cluster) => {
    if (cluster.nodes.length < 2) {
      test.skip('one node has the agent, and another one a puller: two are needed', () => undefined);
      return;
    }
    const kinds = new Map(cluster.nodes.map((node) => [node.cgroup, node.name]));
    const pulled = [...kinds.values()].slice(0, cluster.nodes.length - 1);
    const others = cluster.nodes.map(({ name }) => name).filter((name) => !pulled.includes(name));
    const [first = ''] = pulled;
    const setLabel = (node: string, value: string) =>
      cluster.kubectl(['label', '--overwrite', 'node', node, `${label}${value}`]);

    async function runningPods(): Promise<readonly string[]> {
      const text = await cluster.kubectl([
        ...['get', 'pods', '-A', '--field-selector', 'status.phase=Running', '-o', 'json'],
      ]);
      return (JSON.parse(text) as { items: MetricsItem[] }).items.map(nameOf).sort();
    }
    async function agentNodes(): Promise<readonly string[]> {
      const text = await cluster.kubectl([
        ...['-n', 'kube-system', 'get', 'pods', '-l', 'app.kubernetes.io/component=agent', '-o', 'json'],
      ]);
      const { items } = JSON.parse(text) as { items: { spec: { nodeName?: string } }[] };
      return items.map(({ spec }) => spec.nodeName ?? '').sort();
    }
    /** How many nodes the pullers were last told to pull, all of them together. */
    async function pulledCount(): Promise<number> {
      const found = await cluster.kubectl([
        ...['-n', 'kube-system', 'get', 'pods', '-l', 'app.kubernetes.io/component=puller', '-o', 'name'],
      ]);
      const logs = await Promise.all(
        found
          .trim()
          .split('\n')
          .map((pod) => cluster.kubectl(['-n', 'kube-system', 'logs', pod])),
      );
      return logs.reduce((sum, log) => {
        const told = log.split('\n').findLast((line) => line.includes('told which nodes to pull'));
        return sum + (told === undefined ? 0 : Number((JSON.parse(told) as { nodes: number }).nodes));
      }, 0);
    }

    beforeAll(async () => {
      for (const node of others) await setLabel(node, '=wanted');
      for (const node of pulled) await setLabel(node, '-').catch(() => undefined);
      await ensureInstalled(cluster, values);
      await until('agents only where they are wanted', 60, async () => {
        expect(await agentNodes()).toEqual([...others].sort());
        return true;
      });
    });
    afterAll(async () => {
      for (const { name } of cluster.nodes) await setLabel(name, '-').catch(() => undefined);
      await ensureInstalled(cluster);
    });

    test('kubectl top is complete', async () => {
      await until('every node and every running pod', 120, async () => {
        const items = (await listMetrics(cluster, 'pods')).map(nameOf).sort();
        expect(items).toEqual(await runningPods());
        return true;
      });
      const top = await cluster.kubectl(['top', 'nodes', '--no-headers']);
      expect(
        top
          .trim()
          .split('\n')
          .map((line) => line.split(/\s+/)[0])
          .sort(),
      ).toEqual(cluster.nodes.map(({ name }) => name).sort());
    });

    test('each has the numbers that its kubelet’s samples make', async () => {
      const problems = await Promise.all(
        pulled.map(async (name) => {
          const rates = new KubeletRates();
          await until(
            `numbers of ${name} of samples that were seen here too`,
            150,
            async () => {
              rates.note(await readKubeletMetrics(cluster, name));
              const items = await listMetrics(cluster, 'nodes');
              const item = items.find(({ metadata }) => metadata.name === name);
              if (item === undefined) throw new Error(`${name} has no numbers`);
              rates.compare(item);
              if (rates.compared.size < 3)
                throw new Error(`${rates.compared.size} of 3; ${rates.lastLooked}`);
              return true;
            },
            1_000,
          );
          return rates.problems;
        }),
      );
      expect(problems.flat()).toEqual([]);
    });

    test.skipIf(cluster.programs === undefined)(
      'metrics-server beside it shows the same of the same samples',
      async () => {
        const same = new SameSamples();
        const stop = await startMetricsServer(cluster, () => undefined);
        try {
          await until(
            'values of both from the same samples',
            300,
            async () => {
              for (const resource of ['nodes', 'pods'] as const) {
                same.note('tacho', await listMetrics(cluster, resource));
                same.note('metricsServer', await listOfMetricsServer(cluster, resource));
              }
              const compared = new Set(same.pairs().map(({ who }) => who));
              return (
                pulled.every((node) => compared.has(node)) &&
                compared.size >= 2 * pulled.length &&
                same.pairs().length >= enoughPairs
              );
            },
            1_000,
          );
        } finally {
          await stop();
        }
        measured(
          `${same.pairs().length} values of ${new Set(same.pairs().map(({ who }) => who)).size} nodes and pods are of the same samples as metrics-server’s`,
        );
        expect(same.differences()).toEqual([]);
      },
      400_000,
    );

    test('an agent that comes and goes takes no read its node, and no timestamp goes back', async () => {
      const pods = (await listMetrics(cluster, 'pods')).map(nameOf);
      const lasting = pods.filter((name) => !name.includes('/tacho-agent-'));
      const stop = keepLooking(cluster, [...cluster.nodes.map((node) => node.name), ...lasting]);
      let seen: Awaited<ReturnType<typeof stop>>;
      try {
        await setLabel(first, '=wanted');
        const { seconds: come } = await until('the agent is heard', 90, async () => {
          return (await pulledCount()) === pulled.length - 1;
        });
        measured(`agent on ${first} heard ${come.toFixed(0)} s after it was wanted`);
        await sleep(10_000);
        await setLabel(first, '-');
        const { seconds: gone } = await until('the node is pulled again', 120, async () => {
          return (await pulledCount()) === pulled.length;
        });
        measured(`${first} pulled again ${gone.toFixed(0)} s after its agent was unwanted`);
        // By then the agent's last values are gone.
        await sleep(65_000);
      } finally {
        seen = await stop();
      }
      measured(`${seen.reads} reads`);
      expect(seen.reads).toBeGreaterThan(0);
      expect(seen.failures).toEqual([]);
      expect([...new Set(seen.missing)]).toEqual([]);
      expect([...new Set(seen.back)]).toEqual([]);
    });
  },
);
