import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { agentAccount, agentAudience, namespace } from '../../one-machine/credentials.ts';
import type { Bundle } from '../bundled-agent.ts';
import type { FleetAccess } from './apiserver-process.ts';

export interface AggregatorPorts {
  readonly secure: number;
  readonly ingest: number;
}

/** How the aggregator is started. */
export interface AggregatorOptions {
  readonly bundle: Bundle;
  readonly access: FleetAccess;
  readonly nodeFlags: readonly string[];
  /** 0 takes a free one. */
  readonly ports: AggregatorPorts;
  readonly resolution: string;
}

/** Ends it when the bench dies, however. Not a file: loading a TypeScript one takes memory that would be measured. */
const endWithParent =
  'data:text/javascript,process.on("disconnect",()=>process.kill(process.pid,"SIGKILL"));process.channel.unref()';
const politeMs = 20_000;
const longestTail = 20;
const warning = 40;

/** The aggregator's process as the image runs it. */
export class AggregatorProcess implements AsyncDisposable {
  readonly pid: number;
  readonly startedMs = performance.now();
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #logged = new Map<string, PromiseWithResolvers<Readonly<Record<string, unknown>>>>();
  /** Warnings and what is no log. */
  readonly #tail: string[] = [];
  #how = '';

  private constructor({ access, bundle, nodeFlags, ports, resolution }: AggregatorOptions) {
    const args = [
      '--bind-address=127.0.0.1',
      `--secure-port=${ports.secure}`,
      `--ingest-port=${ports.ingest}`,
      '--tls=files',
      `--tls-cert-file=${access.certFile}`,
      `--tls-private-key-file=${access.keyFile}`,
      `--kubeconfig=${access.kubeconfigFile}`,
      `--namespace=${namespace}`,
      `--agent-service-account=${agentAccount}`,
      `--agent-audience=${agentAudience}`,
      `--metric-resolution=${resolution}`,
    ];
    const child = fork(bundle.program('aggregator'), args, {
      execArgv: [...nodeFlags, '--import', endWithParent],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
      env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' },
    });
    this.#child = child;
    this.pid = child.pid ?? -1;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`));
    });
    void this.#ended.then((how) => (this.#how = how));
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#hear(line));
    }
  }

  /** Resolves when it listens. */
  static async start(
    options: AggregatorOptions,
  ): Promise<{ readonly aggregator: AggregatorProcess; readonly ports: AggregatorPorts }> {
    const aggregator = new AggregatorProcess(options);
    const { securePort, ingestPort } = await aggregator.logged('aggregator listens');
    return { aggregator, ports: { secure: Number(securePort), ingest: Number(ingestPort) } };
  }

  /** The first line with this message. @throws when it ends before */
  async logged(message: string): Promise<Readonly<Record<string, unknown>>> {
    const early = this.#ended.then(() => this.check() as never);
    return Promise.race([this.#waitFor(message).promise, early]);
  }

  /** @throws when it has ended, with its last words */
  check(): void {
    if (this.#how === '') return;
    throw new Error(`the aggregator ${this.#how}; its last words:\n${this.#tail.join('\n')}`);
  }

  /** Its last warnings. */
  get warnings(): readonly string[] {
    return this.#tail;
  }

  /** Pulls the plug. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), politeMs);
    await this.#ended;
    clearTimeout(insist);
  }

  #hear(line: string): void {
    const entry = line.startsWith('{') ? (JSON.parse(line) as Readonly<Record<string, unknown>>) : undefined;
    if (entry === undefined || Number(entry['level']) >= warning) {
      if (this.#tail.push(line) > longestTail) this.#tail.shift();
    }
    if (entry !== undefined) this.#waitFor(String(entry['msg'])).resolve(entry);
  }

  #waitFor(message: string): PromiseWithResolvers<Readonly<Record<string, unknown>>> {
    const known = this.#logged.get(message) ?? Promise.withResolvers();
    this.#logged.set(message, known);
    return known;
  }
}
