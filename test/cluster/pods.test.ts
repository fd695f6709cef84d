import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureInstalled } from './install.ts';
import { measured } from './observe/measured.ts';
import { listMetrics } from './observe/metrics-reads.ts';
import { until } from './observe/until.ts';
import { describeOnCluster } from './shared-cluster.ts';

const namespace = 'come-and-go';
const periodSeconds = 5;
const rounds = 3;
const mostRounds = 5;

describeOnCluster('pods that come and go, at a period of 5 s', (cluster) => {
  beforeAll(async () => {
    await ensureInstalled(cluster);
    await cluster.kubectl(['create', 'namespace', namespace]);
    await until('the default service account', 30, () =>
      cluster.kubectl(['-n', namespace, 'get', 'serviceaccount', 'default']),
    );
  });
  afterAll(async () => {
    await cluster.kubectl(['delete', 'namespace', namespace, '--wait=true', '--timeout=60s']);
  });

  const shown = async (name: string) =>
    (await listMetrics(cluster, `namespaces/${namespace}/pods`)).some(
      ({ metadata }) => metadata.name === name,
    );

  describe.each(cluster.nodes.map((node) => ({ ...node })))('on $name', ({ name: node }) => {
    test('a new pod has its first value within one period and 2 s, a deleted one is gone within one period and 1 s', async () => {
      const firstSeconds: number[] = [];
      const goneSeconds: number[] = [];
      for (let round = 0; firstSeconds.length < rounds; round += 1) {
        const name = `pod-${node}-${round}`;
        await cluster.apply([
          {
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name, namespace },
            spec: {
              nodeName: node,
              terminationGracePeriodSeconds: 0,
              automountServiceAccountToken: false,
              containers: [
                {
                  name: 'main',
                  image: cluster.busybox,
                  imagePullPolicy: 'IfNotPresent',
                  command: ['/bin/sh', '-c', 'echo runs; exec sleep 1000000'],
                },
              ],
            },
          },
        ]);
        await until('its first value', 60, () => shown(name), 100);
        const shownMs = Date.now();
        // The status tells the start in whole seconds; the runtime stamps what the container writes to the nanosecond.
        let startedMs = Number.NaN;
        // What was written reaches the log some time after the container runs.
        const hasWritten = async () => {
          const log = await cluster.kubectl(['-n', namespace, 'logs', name, '--timestamps']);
          startedMs = Date.parse(log.split(' ')[0] ?? '');
          return !Number.isNaN(startedMs);
        };
        await until('its first line in the log', 60, hasWritten, 100);
        // What waits in the log's pipe is stamped when the runtime gets to it.
        const wasStampedLate = startedMs >= shownMs && round < mostRounds;
        if (!wasStampedLate) firstSeconds.push((shownMs - startedMs) / 1000);
        await cluster.kubectl(['-n', namespace, 'delete', 'pod', name, '--wait=true']);
        goneSeconds.push((await until('it is gone', 60, async () => !(await shown(name)), 100)).seconds);
      }
      measured(
        `${node}: first values after ${firstSeconds.join(', ')} s; gone after ${goneSeconds.join(', ')} s`,
      );
      // A guest whose clock is ahead would make every value early.
      expect(Math.min(...firstSeconds)).toBeGreaterThan(0);
      expect(Math.max(...firstSeconds)).toBeLessThanOrEqual(periodSeconds + 2);
      expect(Math.max(...goneSeconds)).toBeLessThanOrEqual(periodSeconds + 1);
    });
  });
});
