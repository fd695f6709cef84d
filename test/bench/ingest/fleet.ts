import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bundle } from '../bundled-agent.ts';
import type { ClusterSize } from '../list-cluster.ts';
import { processFootprint } from '../process-footprint.ts';
import type { AgentsOrders } from './agents-process.ts';
import { type AggregatorPorts, AggregatorProcess } from './aggregator-process.ts';
import type { ApiserverOrders, FleetAccess } from './apiserver-process.ts';
import { OrderedProcess } from './ordered-process.ts';
import { Reader } from './reader.ts';

export interface FleetOptions {
  readonly size: ClusterSize;
  readonly bundle: Bundle;
  readonly nodeFlags: readonly string[];
  readonly signal: AbortSignal;
}

export type FleetCounts = Awaited<ReturnType<AgentsOrders['counts']>>;
type Agents = OrderedProcess<AgentsOrders>;

/** Agents that are the agent's own code; the others are lean. */
const realAgents = 4;
/** Above it the agents are in two processes. */
const mostAgentsOfProcess = 1_000;
/** Descriptors of the aggregator beside those of the agents. */
const otherDescriptors = 500;
const lookEveryMs = 50;
const longestWaitMs = 120_000;

/** A made-up cluster with its agents, the stand-in for kube-apiserver, and an aggregator that comes and goes. */
export class Fleet implements AsyncDisposable {
  readonly #options: FleetOptions;
  readonly #stack: AsyncDisposableStack;
  readonly #access: FleetAccess;
  #agents: readonly Agents[] = [];
  #running: { readonly aggregator: AggregatorProcess; readonly reader: Reader } | undefined;
  #ports: AggregatorPorts = { secure: 0, ingest: 0 };
  /** Of all nodes. */
  containers = 0;

  private constructor(options: FleetOptions, access: FleetAccess, stack: AsyncDisposableStack) {
    this.#options = options;
    this.#access = access;
    this.#stack = stack;
    stack.defer(async () => this.#running?.reader[Symbol.dispose]());
    stack.defer(async () => this.#running?.aggregator[Symbol.asyncDispose]());
  }

  /** With an aggregator that has all objects, and agents that do not connect yet. */
  static async start(options: FleetOptions): Promise<Fleet> {
    const { size, signal } = options;
    checkDescriptors(size.nodes + otherDescriptors);
    await using stack = new AsyncDisposableStack();
    const file = (name: string) => new URL(name, import.meta.url);
    const flags = ['--max-old-space-size=8192'];
    const apiserver = stack.use(
      new OrderedProcess<ApiserverOrders>(file('apiserver-process.ts'), 'kube-apiserver’s stand-in', flags),
    );
    const access = await apiserver.tell('start', size);
    const fleet = new Fleet(options, access, stack.move());
    try {
      await fleet.restart('5s');
      await fleet.aggregator.logged('watches are in step with the API server');
      const processes = size.nodes > mostAgentsOfProcess ? 2 : 1;
      fleet.#agents = Array.from({ length: processes }, () =>
        fleet.#stack.use(new OrderedProcess<AgentsOrders>(file('agents-process.ts'), 'a process of agents')),
      );
      const shares = fleet.#agents.map((agents, firstNode) =>
        agents.tell('prepare', {
          ...{ size, firstNode, everyNodes: processes, real: Math.ceil(realAgents / processes) },
          ...{ port: fleet.#ports.ingest, caFile: access.caFile, tokenFiles: access.tokenFiles },
        }),
      );
      fleet.containers = (await Promise.all(shares)).reduce((sum, share) => sum + share, 0);
      signal.throwIfAborted();
      return fleet;
    } catch (error) {
      await fleet[Symbol.asyncDispose]();
      throw error;
    }
  }

  get size(): ClusterSize {
    return this.#options.size;
  }

  get aggregator(): AggregatorProcess {
    if (this.#running === undefined) throw new Error('expected an aggregator, found none started');
    return this.#running.aggregator;
  }

  get reader(): Reader {
    if (this.#running === undefined) throw new Error('expected an aggregator, found none started');
    return this.#running.reader;
  }

  /** Pulls the plug of the aggregator, if there is one, and starts another on its ports. Resolves when it listens. */
  async restart(resolution: string): Promise<void> {
    const { bundle, nodeFlags } = this.#options;
    this.#running?.reader[Symbol.dispose]();
    await this.#running?.aggregator.kill();
    const options = { bundle, nodeFlags, resolution, access: this.#access, ports: this.#ports };
    const { aggregator, ports } = await AggregatorProcess.start(options);
    this.#ports = ports;
    this.#running = { aggregator, reader: new Reader(this.#access, ports.secure) };
  }

  /** Lets all agents connect within this time. */
  async connect(spreadMs: number): Promise<void> {
    await Promise.all(this.#agents.map((agents) => agents.tell('connect', { spreadMs })));
  }

  /** Resolves when every agent is connected. @throws when that takes too long */
  async connected(): Promise<void> {
    await this.#until('agents to be connected', async () => (await this.counts()).connected);
  }

  /** Resolves when the aggregator is ready and serves every node. @throws when that takes too long */
  async whole(): Promise<void> {
    await this.#until('nodes to be served', async () =>
      (await this.reader.isReady()) ? await this.reader.nodes() : 0,
    );
  }

  async #until(what: string, reached: () => Promise<number>): Promise<void> {
    const endMs = performance.now() + longestWaitMs;
    let most = 0;
    while (performance.now() < endMs) {
      this.check();
      const now = await reached();
      if (now === this.size.nodes) return;
      most = Math.max(most, now);
      await this.sleep(lookEveryMs);
    }
    const { connected, ends } = await this.counts();
    throw new Error(
      [
        `expected ${this.size.nodes} ${what} within ${longestWaitMs / 1000} s, found ${most} at most`,
        `${connected} agents are connected; how their attempts ended: ${JSON.stringify(ends)}`,
        ...this.aggregator.warnings.map((line) => `the aggregator said: ${line}`),
      ].join('\n'),
    );
  }

  async pause(wanted: boolean): Promise<void> {
    await Promise.all(this.#agents.map((agents) => agents.tell('pause', wanted)));
  }

  /** Whose turn is next, of lean agents or of real ones. */
  next(inUsec: number, real: boolean): Promise<ReturnType<AgentsOrders['next']>> {
    const agents = this.#agents[Math.floor(Math.random() * this.#agents.length)] as Agents;
    return agents.tell('next', { inUsec, real });
  }

  async counts(): Promise<FleetCounts> {
    const parts = await Promise.all(this.#agents.map((agents) => agents.tell('counts', undefined)));
    const sum = (of: (part: FleetCounts) => number) => parts.reduce((total, part) => total + of(part), 0);
    const ends: Record<string, number> = {};
    for (const part of parts) {
      for (const [reason, times] of Object.entries(part.ends)) ends[reason] = (ends[reason] ?? 0) + times;
    }
    return {
      connected: sum(({ connected }) => connected),
      attempts: sum(({ attempts }) => attempts),
      replaced: sum(({ replaced }) => replaced),
      sent: sum(({ sent }) => sent),
      periodUsec: Math.max(...parts.map(({ periodUsec }) => periodUsec)),
      ends,
    };
  }

  /** @throws when one of the processes has ended */
  check(): void {
    this.aggregator.check();
    for (const agents of this.#agents) agents.check();
  }

  /** CPU time of all processes of agents. */
  agentsCpuMs(): number {
    return this.#agents.reduce((sum, { pid }) => sum + processFootprint(pid).cpuMs, 0);
  }

  /** @throws when the bench is interrupted meanwhile */
  async sleep(ms: number): Promise<void> {
    const { signal } = this.#options;
    await sleep(ms, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** Node raises its own soft limit to the hard one. */
function checkDescriptors(needed: number): void {
  const [, hard = 'unlimited'] =
    /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  if (hard === 'unlimited' || Number(hard) >= needed) return;
  throw new Error(
    `expected a limit of ${needed} open files, found ${hard}: run "ulimit -Hn ${needed}" as root first`,
  );
}
