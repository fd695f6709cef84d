import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverName } from '../../one-machine/credentials.ts';
import type { StandInKubeApiserver } from '../../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { CertificateAndKey } from '../../stand-ins/kube-apiserver/pki.ts';
import type { Read } from './ages.ts';

const everyMs = 200;
/** As kubelet's probes have it in the chart. Ages are counted from the asking, so a slow answer makes nothing older. */
const answerMs = 5_000;
/** As late as that its own timer is only where the whole machine stood still, agents and all. */
const stoodStillMs = 500;
/** What was late is made up for in so long. */
const madeUpMs = 500;
/** Of all reads; if more are left out, the machine shows nothing. */
const mostLeftOut = 0.05;
const lookMs = 50;

/** Reads the nodes of each replica five times a second, directly, as somebody who needs nobody's leave. */
export class Reading implements AsyncDisposable {
  /** All there were, in the order in which they were answered. */
  readonly reads: Read[] = [];
  readonly #replicas = new Map<string, string>();
  readonly #connections: Agent;
  readonly #pending = new Set<Promise<void>>();
  #calledMs = performance.now();
  #notBeforeMs = 0;
  #leftOut = 0;
  readonly #timer = setInterval(() => this.#readAll(), everyMs);

  private constructor(ca: string, { certificate, key }: CertificateAndKey) {
    this.#connections = new Agent({ keepAlive: true, ca, cert: certificate, key, servername: serverName });
  }

  static async start({ pki }: StandInKubeApiserver): Promise<Reading> {
    const admin = await pki.clusterCa.issueClient({
      commonName: 'reader',
      organizations: ['system:masters'],
    });
    return new Reading(pki.servingCa.certificate, admin);
  }

  add(replica: string, url: string): void {
    this.#replicas.set(replica, url);
  }

  remove(replica: string): void {
    this.#replicas.delete(replica);
  }

  /** The last answer of a replica. */
  latest(replica: string): Read | undefined {
    return this.reads.findLast((read) => read.replica === replica);
  }

  /** Status and body of any page of a replica. */
  ask(replica: string, path: string): Promise<{ readonly status: number; readonly body: string }> {
    const options = { agent: this.#connections, signal: AbortSignal.timeout(answerMs) };
    return new Promise((resolve, reject) => {
      get(`${this.#replicas.get(replica)}${path}`, options, async (response) => {
        try {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk as Buffer);
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') });
        } catch (error) {
          reject(error);
        }
      }).on('error', reject);
    });
  }

  /** Resolves with how long it took. @throws when it does not come true */
  async until(what: string, longestMs: number, isTrue: () => boolean | Promise<boolean>): Promise<number> {
    const beginMs = performance.now();
    while (!(await isTrue())) {
      if (performance.now() - beginMs > longestMs) throw new Error(`${what}: not within ${longestMs} ms`);
      await sleep(lookMs);
    }
    return performance.now() - beginMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
    this.#connections.destroy();
    if (this.#leftOut > Math.max(5, this.reads.length * mostLeftOut))
      throw new Error(
        `${this.#leftOut} reads left out for a machine that stood still, ${this.reads.length} made`,
      );
  }

  #readAll(): void {
    const nowMs = performance.now();
    if (nowMs - this.#calledMs > everyMs + stoodStillMs) this.#notBeforeMs = nowMs + madeUpMs;
    this.#calledMs = nowMs;
    if (nowMs < this.#notBeforeMs) {
      this.#leftOut += 1;
      return;
    }
    for (const replica of this.#replicas.keys()) {
      const one = this.#read(replica).finally(() => this.#pending.delete(one));
      this.#pending.add(one);
    }
  }

  async #read(replica: string): Promise<void> {
    const atMs = Date.now();
    try {
      const { body, status } = await this.ask(replica, '/apis/metrics.k8s.io/v1/nodes');
      if (status !== 200) throw new Error(`${status}: ${body}`);
      const { items } = JSON.parse(body) as { items: { metadata: { name: string }; timestamp: string }[] };
      const nodes = new Map(items.map(({ metadata, timestamp }) => [metadata.name, Date.parse(timestamp)]));
      this.reads.push({ atMs, replica, nodes });
    } catch (error) {
      this.reads.push({ atMs, replica, nodes: new Map(), problem: String(error) });
    }
  }
}
