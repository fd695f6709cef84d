import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentMessage, PodUsage, Usage } from '@tacho/proto';
import { FixtureAgent } from '../../aggregator/src/ingest/fixture-agent.ts';
import { HostileClient } from '../../aggregator/src/ingest/fixture-hostile.ts';
import type { RefusalReason } from '../../aggregator/src/ingest/refusal-reasons.ts';
import { until } from '../kernel/checks/until.ts';
import { nodeObject } from '../one-machine/core-objects.ts';
import { agentAccount, agentAudience, serverName, writeCredentials } from '../one-machine/credentials.ts';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import { type Ports, TachoPrograms } from '../one-machine/tacho-programs.ts';
import { Stalls } from '../stalls.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo } from '../stand-ins/kube-apiserver/tokens.ts';

const periodMs = 1_000;

const usage = (cpuNanocores: number): Usage => ({
  ...{ cpuNanocores, memoryWorkingSetBytes: 4096, windowUsec: 10_000_000 },
});

/** A pod of `default` with its containers, each with this CPU rate. */
export function podUsage(name: string, cpuNanocores: number, containers = 1): PodUsage {
  return {
    ...{ namespace: 'default', name, uid: `${name}-uid` },
    containers: Array.from({ length: containers }, (_, index) => ({
      name: `c${index}`,
      usage: usage(cpuNanocores),
    })),
  };
}

/** A report of these pods and of a node that uses a tenth of a core. */
export function reportOf(pods: PodUsage[], sampleMonotonicUsec = performance.now() * 1000): AgentMessage {
  return { report: { sampleMonotonicUsec: Math.round(sampleMonotonicUsec), pods, node: usage(100_000_000) } };
}

/** What may be wrong about a token. */
export interface UnusualToken {
  readonly audience?: string;
  readonly expiresAt?: Date;
  readonly username?: string;
}

/**
 * A real aggregator with three nodes: the agent of `sound` reports each period that its pod `web` uses a quarter of a core, and
 * somebody reads that all the time; the agents of `evil` and `emptied` are for a test to be.
 */
export class AttackedCluster implements AsyncDisposable {
  readonly apiserver: StandInKubeApiserver;
  readonly ports: Ports;
  /** Whatever was not as the sound node has said, or went wrong with it. */
  readonly problems: Set<string>;
  reads = 0;
  readonly #stack: AsyncDisposableStack;
  readonly #metricsToken: string;

  static async start(): Promise<AttackedCluster> {
    await using stack = new AsyncDisposableStack();
    const apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
    const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
    for (const node of ['sound', 'evil', 'emptied']) {
      apiserver.store.create('nodes', nodeObject(node));
      const spec = { nodeName: node, serviceAccountName: 'tacho-agent' };
      apiserver.store.create('pods', podObject('tacho', `tacho-agent-${node}`, spec));
    }
    apiserver.store.create('pods', podObject('default', 'web', { nodeName: 'sound' }));
    const problems = new Set<string>();
    const programs = stack.use(new TachoPrograms(credentials, (sentence) => problems.add(sentence)));
    const args = ['--metric-resolution=1s', '--window=2s'];
    const { ports } = await programs.startAggregator({ secure: 0, ingest: 0 }, args);
    await apiserver.registerApiService({
      ...{ group: 'metrics.k8s.io', versions: ['v1'], url: `https://127.0.0.1:${ports.secure}`, serverName },
      caBundle: apiserver.pki.servingCa.certificate,
    });
    const cluster = new AttackedCluster(apiserver, ports, problems, stack.move());
    cluster.#reportSoundly();
    await cluster.#keepReading();
    return cluster;
  }

  private constructor(
    apiserver: StandInKubeApiserver,
    ports: Ports,
    problems: Set<string>,
    stack: AsyncDisposableStack,
  ) {
    this.apiserver = apiserver;
    this.ports = ports;
    this.problems = problems;
    this.#stack = stack;
    this.#metricsToken = apiserver.issueToken({ username: 'monitoring', groups: ['system:masters'] });
  }

  /** A token as an agent's pod on this node has it, but for what is said. */
  token(node: string, unusual: UnusualToken = {}): string {
    const { audience = agentAudience, expiresAt } = unusual;
    return this.apiserver.issueToken({
      username: unusual.username ?? `system:serviceaccount:${agentAccount.replace('/', ':')}`,
      groups: ['system:serviceaccounts'],
      audiences: [audience],
      ...(expiresAt && { expiresAt }),
      extra: boundTo(`tacho-agent-${node}`, `tacho-agent-${node}-uid`, node),
    });
  }

  /** An agent with this token. */
  agent(token: string): FixtureAgent {
    return new FixtureAgent(this.ports.ingest, this.apiserver.pki.servingCa.certificate, `Bearer ${token}`);
  }

  /** Somebody who need not be an agent. */
  stranger(): HostileClient {
    return new HostileClient(this.ports.ingest, this.apiserver.pki.servingCa.certificate);
  }

  /** How often the aggregator has refused something for this reason. */
  async refused(reason: RefusalReason): Promise<number> {
    const { secure } = this.ports;
    const sent = request({
      ...{ host: '127.0.0.1', port: secure, path: '/metrics', agent: false, servername: serverName },
      ...{ ca: this.apiserver.pki.servingCa.certificate },
      headers: { authorization: `Bearer ${this.#metricsToken}` },
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const line = text.split('\n').find((each) => each.includes(`reason="${reason}"`));
    return line === undefined ? 0 : Number(line.split(' ').at(-1));
  }

  #reportSoundly(): void {
    const sound = this.agent(this.token('sound'));
    const say = () => sound.say(reportOf([podUsage('web', 250_000_000)]));
    say();
    const timer = setInterval(say, periodMs);
    let ends = false;
    void sound.ended.then(({ details }) => {
      if (!ends) this.problems.add(`the sound agent’s stream ended: ${details}`);
    });
    this.#stack.defer(() => {
      ends = true;
      clearInterval(timer);
      sound[Symbol.dispose]();
    });
  }

  /** Resolves when the sound pod has been read, and goes on. */
  async #keepReading(): Promise<void> {
    const reader = createMetricsReader(this.apiserver);
    this.#stack.defer(() => reader.close());
    await until('the sound node’s pod', async () => (await reader.pods()).items.length === 1, 20_000);
    const stop = new AbortController();
    const stalls = this.#stack.use(new Stalls());
    const look = async () => {
      const askedMs = Date.now();
      const [nodes, pods] = await Promise.all([reader.nodes(), reader.pods()]);
      this.reads += 1;
      const node = nodes.items.find(({ metadata }) => metadata.name === 'sound');
      const ageMs = askedMs - Date.parse(node?.timestamp ?? '');
      if (node?.usage.cpu !== '100m') this.problems.add(`node sound uses ${node?.usage.cpu}`);
      if (!(ageMs <= 2 * periodMs + 1_000) && !(await stalls.sinceMs(askedMs - 1_000)))
        this.problems.add(`node sound is ${ageMs} ms old`);
      const found = pods.items.map(
        ({ metadata, containers }) => `${metadata.name} ${containers[0]?.usage.cpu}`,
      );
      if (found.join() !== 'web 250m') this.problems.add(`pods are ${found}`);
    };
    const reading = (async () => {
      while (!stop.signal.aborted) {
        await look().catch((error: unknown) => this.problems.add(String(error)));
        await sleep(50);
      }
    })();
    this.#stack.defer(async () => {
      stop.abort();
      await reading;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

function podObject(namespace: string, name: string, spec: object) {
  return { metadata: { namespace, name, uid: `${name}-uid` }, spec, status: { phase: 'Running' } };
}
