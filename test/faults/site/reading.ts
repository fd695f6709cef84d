import { Agent, get } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { serverName } from '../../one-machine/credentials.ts';
import { Stalls } from '../../stalls.ts';
import type { StandInKubeApiserver } from '../../stand-ins/kube-apiserver/kube-apiserver.ts';
import type { CertificateAndKey } from '../../stand-ins/kube-apiserver/pki.ts';
import type { Read } from './ages.ts';

const everyMs = 200;
/** As kubelet's probes have it in the chart. Ages are counted from the asking, so a slow answer makes nothing older. */
const answerMs = 5_000;
/** Agents that stood still have made up for it in so long. */
const madeUpMs = 1_000;
/** Of all reads; if more are left out, the machine shows nothing. */
const mostLeftOut = 0.2;
const lookMs = 50;

/** Reads the nodes of each replica five times a second, directly, as somebody who needs nobody's leave. */
export class Reading implements AsyncDisposable {
  readonly #all: Read[] = [];
  readonly #stalls = new Stalls();
  readonly #replicas = new Map<string, string>();
  readonly #connections: Agent;
  readonly #pending = new Set<Promise<void>>();
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

  /** As of now, in the order in which they were answered, but for those right after the machine had stood still. */
  get reads(): readonly Read[] {
    return this.#all.filter(({ atMs }) => !this.#stalls.touches(atMs - madeUpMs, atMs));
  }

  /** The last answer of a replica. */
  latest(replica: string): Read | undefined {
    return this.#all.findLast((read) => read.replica === replica);
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
    const leftOut = this.#all.length - this.reads.length;
    await this.#stalls[Symbol.asyncDispose]();
    if (leftOut > this.#all.length * mostLeftOut)
      throw new Error(`the machine stood still: ${leftOut} of ${this.#all.length} reads show nothing`);
  }

  #readAll(): void {
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
      this.#all.push({ atMs, replica, nodes });
    } catch (error) {
      this.#all.push({ atMs, replica, nodes: new Map(), problem: String(error) });
    }
  }
}
