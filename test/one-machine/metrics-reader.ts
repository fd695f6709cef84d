import { Agent, request } from 'node:https';
import type { StandInKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { NodeMetrics, PodMetrics } from './live-table.ts';

/** What one read of metrics.k8s.io through the aggregation layer answered. */
export interface Answer<Item> {
  readonly status: number;
  readonly items: readonly Item[];
}

/** Reads metrics.k8s.io as an admin, over one kept connection, as a dashboard would. */
export interface MetricsReader {
  nodes(): Promise<Answer<NodeMetrics>>;
  pods(): Promise<Answer<PodMetrics>>;
  close(): void;
}

export function createMetricsReader(
  apiserver: StandInKubeApiserver,
  version: 'v1' | 'v1beta1' = 'v1',
): MetricsReader {
  const agent = new Agent({ keepAlive: true, ca: apiserver.pki.clusterCa.certificate });
  const token = apiserver.issueToken({ username: 'live-view', groups: ['system:masters'] });
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  const list = <Item>(resource: string) =>
    new Promise<Answer<Item>>((resolve, reject) => {
      const url = `${apiserver.url}/apis/metrics.k8s.io/${version}/${resource}`;
      request(url, { agent, headers }, async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          const status = response.statusCode ?? 0;
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status, items: status === 200 ? (JSON.parse(body) as { items: Item[] }).items : [] });
        } catch (error) {
          reject(error);
        }
      })
        .on('error', reject)
        .end();
    });
  return { nodes: () => list('nodes'), pods: () => list('pods'), close: () => agent.destroy() };
}
