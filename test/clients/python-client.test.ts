import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import { outputOf, run } from './client-process.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { pythonWithClient, readMetricsScript, whyNoPython } from './python-client.ts';

const reason = skipReason(await whyNoPython());
if (reason !== undefined) process.stderr.write(`Skipped the Python client: ${reason}\n`);

describe.skipIf(reason !== undefined)('CustomObjectsApi of the Python client', () => {
  let cluster: FixedCluster;
  let said: Record<'v1' | 'v1beta1', Record<string, unknown>>;

  beforeAll(async () => {
    cluster = await startFixedCluster();
    const result = await run(await pythonWithClient(), [readMetricsScript, cluster.kubeconfigFile]);
    said = JSON.parse(outputOf('read_metrics.py', result));
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const figures = { timestamp: expect.stringMatching(/Z$/), window: '10s' };

  describe.each(['v1', 'v1beta1'] as const)('with %s', (version) => {
    const apiVersion = `metrics.k8s.io/${version}`;

    it('lists nodes and pods', () => {
      expect(said[version]['nodes']).toMatchObject({
        ...{ kind: 'NodeMetricsList', apiVersion },
        items: [
          { metadata: { name: 'node-a' }, usage: { cpu: '1', memory: '2Gi' }, ...figures },
          { metadata: { name: 'node-b' }, usage: { cpu: '400m', memory: '4Gi' }, ...figures },
        ],
      });
      expect(said[version]['pods']).toEqual(['web-0', 'web-1', 'worker', 'dns']);
    });

    it('lists what selectors select', () => {
      expect(said[version]['selected']).toEqual(['web-0']);
    });

    it('gets one node and one pod', () => {
      expect(said[version]['node']).toMatchObject({ kind: 'NodeMetrics', apiVersion, ...figures });
      expect(said[version]['pod']).toMatchObject({
        ...{ kind: 'PodMetrics', apiVersion, ...figures },
        metadata: { name: 'web-0', namespace: 'default', labels: { app: 'web' } },
        containers: [
          { name: 'main', usage: { cpu: '250m', memory: '96Mi' } },
          { name: 'proxy', usage: { cpu: '50m', memory: '32Mi' } },
        ],
      });
    });

    it('watches, beginning with a pod that is there', () => {
      expect(said[version]['watch']).toEqual({ type: 'ADDED', name: 'web-0' });
    });

    it('raises exceptions with the reason of the Status', () => {
      expect(said[version]).toMatchObject({
        missing: { status: 404, reason: 'NotFound' },
        badSelector: { status: 400, reason: 'BadRequest' },
        deleted: { status: 405, reason: 'MethodNotAllowed' },
      });
    });
  });
});
