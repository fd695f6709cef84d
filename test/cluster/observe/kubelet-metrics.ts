import type { Cluster } from '../rig/cluster.ts';

/** One series of the kubelet's /metrics/resource: what it measured, whose, and when. */
export interface KubeletSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Wall clock of the node; undefined where the kubelet gives no instant. */
  readonly atMs: number | undefined;
}

/** Reads a node's /metrics/resource through kube-apiserver's node proxy. */
export async function readKubeletMetrics(cluster: Cluster, node: string): Promise<readonly KubeletSample[]> {
  const { status, body } = await cluster.api.get(`/api/v1/nodes/${node}/proxy/metrics/resource`);
  if (status !== 200) throw new Error(`Cannot read /metrics/resource of ${node}: ${status} ${body}`);
  return parseKubeletMetrics(body);
}

const sampleLine = /^([a-z_]+)(?:\{(.*)\})? (\S+)(?: (\d+))?$/;

/** Prometheus text format 0.0.4, as far as the kubelet uses it here: no escapes in label values. */
export function parseKubeletMetrics(text: string): readonly KubeletSample[] {
  const samples: KubeletSample[] = [];
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const [, metric, labels = '', value, atMs] = sampleLine.exec(line) ?? [];
    if (metric === undefined) throw new Error(`Cannot read a line of /metrics/resource: ${line}`);
    samples.push({
      metric,
      labels: Object.fromEntries(
        [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, text]) => [name, text]),
      ),
      value: Number(value),
      atMs: atMs === undefined ? undefined : Number(atMs),
    });
  }
  return samples;
}
