import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FixedNode, FixedPod, FixedUsage } from './fixture-objects.ts';

/** A kubelet whose `/metrics/resource` gives the counters that come of fixed figures. */
export interface FixedKubelet extends AsyncDisposable {
  readonly port: number;
}

/** How long everything has been running when the first counter is read, in seconds. */
const olderBySeconds = 600;

/** Listens without TLS on a free port of 127.0.0.1. */
export async function startFixedKubelet(
  node: FixedNode,
  pods: readonly FixedPod[],
  nowMs: () => number,
): Promise<FixedKubelet> {
  const startSeconds = Math.floor(nowMs() / 1_000) - olderBySeconds;
  const server = createServer((_request, response) => {
    // Whole seconds: so is the window between two of them, and the rate comes out as it went in.
    const seconds = Math.floor(nowMs() / 1_000);
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(resourceMetrics(node, pods, { startSeconds, seconds }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The page in Prometheus' text format. */
function resourceMetrics(
  node: FixedNode,
  pods: readonly FixedPod[],
  { startSeconds, seconds }: { readonly startSeconds: number; readonly seconds: number },
): string {
  const elapsed = seconds - startSeconds;
  // Half a nanosecond more: metrics-server cuts off what a floating-point number lacks.
  const coreSeconds = ({ cpuNanocores }: FixedUsage) => ((cpuNanocores * elapsed + 0.5) / 1e9).toFixed(10);
  const containers = pods
    .filter((pod) => pod.node === node.name)
    .flatMap((pod) =>
      Object.entries(pod.containers).map(([name, usage]) => ({
        labels: `{container="${name}",namespace="${pod.namespace}",pod="${pod.name}"}`,
        usage,
      })),
    );
  const each = (metric: string, value: (usage: FixedUsage) => number | string) =>
    containers.map(({ labels, usage }) => `${metric}${labels} ${value(usage)} ${seconds * 1_000}`);
  const lines = [
    `node_cpu_usage_seconds_total ${coreSeconds(node.usage)} ${seconds * 1_000}`,
    `node_memory_working_set_bytes ${node.usage.memoryBytes} ${seconds * 1_000}`,
    ...each('container_cpu_usage_seconds_total', coreSeconds),
    ...each('container_memory_working_set_bytes', ({ memoryBytes }) => memoryBytes),
    ...each('container_start_time_seconds', () => startSeconds),
  ];
  return `${lines.join('\n')}\n`;
}
