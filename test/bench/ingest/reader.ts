import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { FleetAccess } from './apiserver-process.ts';
import { metricValue } from './metrics-text.ts';
import { nanocoresOf } from './stamp.ts';

const version = '/apis/metrics.k8s.io/v1beta1';

/** What the aggregator says of itself. */
export interface Held {
  readonly accepted: number;
  /** Dropped for a newer one of the same agent, as those are that meet the latest one after a new connection. */
  readonly overtaken: number;
  readonly refused: number;
  readonly containers: number;
  readonly nodes: number;
}

/** Asks the aggregator's own port as an administrator, over one connection that it keeps. */
export class Reader implements Disposable {
  readonly #access: FleetAccess;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(access: FleetAccess, port: number) {
    this.#access = access;
    this.#port = port;
  }

  async isReady(): Promise<boolean> {
    return (await this.#get('/readyz')).status === 200;
  }

  /** How many nodes are served; 0 while nobody may read. */
  async nodes(): Promise<number> {
    const { status, body } = await this.#get(`${version}/nodes`);
    return status === 200 ? (JSON.parse(body) as { items: unknown[] }).items.length : 0;
  }

  /** CPU of a pod's first container in nanocores; undefined while it is not served. */
  async podNanocores(namespace: string, name: string): Promise<number | undefined> {
    const { status, body } = await this.#get(`${version}/namespaces/${namespace}/pods/${name}`);
    if (status === 404) return undefined;
    if (status !== 200)
      throw new Error(`expected 200 for pod ${namespace}/${name}, found ${status}: ${body}`);
    const pod = JSON.parse(body) as { containers: { usage: { cpu: string } }[] };
    return nanocoresOf(pod.containers[0]?.usage.cpu ?? '');
  }

  async held(): Promise<Held> {
    const { status, body } = await this.#get('/metrics');
    if (status !== 200) throw new Error(`expected 200 for /metrics, found ${status}: ${body}`);
    return {
      accepted: metricValue(body, 'tacho_reports_total{result="accepted"}'),
      overtaken: metricValue(body, 'tacho_reports_total{result="overtaken"}'),
      refused: metricValue(body, 'tacho_reports_total{result="refused"}'),
      containers: metricValue(body, 'tacho_snapshot_containers'),
      nodes: metricValue(body, 'tacho_snapshot_nodes'),
    };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const { admin, ca } = this.#access;
    const sent = request({
      ...{ host: '127.0.0.1', port: this.#port, path, agent: this.#agent, ca },
      ...{ cert: admin.certificate, key: admin.key, headers: { accept: 'application/json' } },
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    let body = '';
    for await (const chunk of response) body += chunk;
    return { status: response.statusCode ?? 0, body };
  }
}
