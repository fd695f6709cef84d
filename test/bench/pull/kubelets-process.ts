/** Many kubelets of a made-up cluster in a process of their own: real TLS, HTTP/2 and 1.1, samples as old as cAdvisor's. */
import { once } from 'node:events';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { resourceMetrics } from '../../stand-ins/kubelet-metrics/resource-metrics.ts';
import { obey } from '../ingest/ordered-process.ts';

/** What there is to simulate. */
export interface KubeletsOptions {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly certificate: string;
  readonly key: string;
  /** 2: kubelets take what the client offers first of both. */
  readonly http: 1 | 2;
}

/** CPU that each container uses, in cores: what is read is held against it. */
const cores = 0.05;
const [leastSampleMs, mostSampleMs] = [10_000, 20_000];
const servers: Http2SecureServer[] = [];
let answered = 0;

/** One node: its text is made anew when cAdvisor would have sampled again, 10 to 20 s later. */
function kubelet(node: number, { certificate, http, key, podsPerNode }: KubeletsOptions): Http2SecureServer {
  const beganMs = Date.now();
  let text = '';
  let nextMs = 0;
  const body = () => {
    const nowMs = Date.now();
    if (nowMs < nextMs) return text;
    nextMs = nowMs + leastSampleMs + Math.random() * (mostSampleMs - leastSampleMs);
    const sample = (cpu: number) => ({
      cpuSeconds: 1_000 + ((nowMs - beganMs) / 1_000) * cpu,
      ...{ memoryBytes: 123_456_789, sampledMs: nowMs },
    });
    text = resourceMetrics({
      node: sample(4),
      // Every other pod has two containers.
      containers: Array.from({ length: podsPerNode }, (_, pod) => pod).flatMap((pod) =>
        Array.from({ length: 1 + (pod % 2) }, (_, container) => ({
          ...sample(cores),
          ...{ namespace: `team-${pod % 10}`, pod: `web-${node}-7c9f8d6b5-${pod}x2k9` },
          ...{ container: `container-${container}`, startedMs: beganMs - 1e9 },
        })),
      ),
    });
    return text;
  };
  const server = createSecureServer(
    { cert: certificate, key, allowHTTP1: true, ...(http === 1 && { ALPNProtocols: ['http/1.1'] }) },
    (_, response) => {
      answered += 1;
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(body());
    },
  );
  // As a kubelet's: Node's own would end a connection of HTTP/1.1 after 5 s.
  Object.assign(server, { keepAliveTimeout: 120_000 });
  return server;
}

const orders = {
  /** @returns the port of each */
  async listen(options: KubeletsOptions): Promise<readonly number[]> {
    for (let node = 0; node < options.nodes; node += 1) {
      const server = kubelet(node, options).listen(0, '127.0.0.1');
      await once(server, 'listening');
      servers.push(server);
    }
    return servers.map((server) => (server.address() as AddressInfo).port);
  },

  answered(_: undefined): number {
    return answered;
  },
};

export type KubeletsOrders = typeof orders;

obey(orders, async () => {
  for (const server of servers) server.close();
});
