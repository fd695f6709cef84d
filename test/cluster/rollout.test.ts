import { beforeAll, expect, test } from 'vitest';
import { ensureInstalled, untilPodsAreGone } from './install.ts';
import { measured } from './observe/measured.ts';
import { keepReading, type ReadsSeen } from './observe/metrics-reads.ts';
import { describeOnCluster } from './shared-cluster.ts';

const perSecond = 10;
const periodSeconds = 5;

describeOnCluster('a rolling restart of every agent and both replicas under 10 reads/s', (cluster) => {
  let seen: ReadsSeen;

  beforeAll(async () => {
    await ensureInstalled(cluster);
    const expected = cluster.nodes.map(({ name }) => name);
    const reading = keepReading(cluster, { resource: 'nodes', perSecond, expected });
    const startMs = performance.now();
    try {
      const workloads = ['daemonset/tacho-agent', 'deployment/tacho-aggregator'];
      await cluster.kubectl(['-n', 'kube-system', 'rollout', 'restart', ...workloads]);
      for (const each of workloads) {
        await cluster.kubectl(['-n', 'kube-system', 'rollout', 'status', each, '--timeout=150s'], {
          timeoutMs: 160_000,
        });
      }
      await untilPodsAreGone(cluster, cluster.nodes.length + 2);
      // Two periods more: an agent that lost its way would fall silent only now.
      await new Promise((resolve) => setTimeout(resolve, 2_000 * periodSeconds));
    } finally {
      seen = await reading.stop();
    }
    measured(`${seen.reads} reads in ${((performance.now() - startMs) / 1000).toFixed(0)} s`);
    measured(`oldest seen, in seconds: ${JSON.stringify(Object.fromEntries(seen.oldestSeconds))}`);
  });

  test('no read failed', () => {
    expect(seen.failures).toEqual([]);
  });

  test('no node was missing in a read', () => {
    expect(Object.fromEntries(seen.missing)).toEqual({});
  });

  test('the reads were made', () => {
    expect(seen.reads).toBeGreaterThan(perSecond * 10);
  });
});
