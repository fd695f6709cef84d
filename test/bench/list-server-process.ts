import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order, StartOptions, Told } from './list-server.ts';

/** What the server's process took for something. */
export interface Taken {
  readonly cpuMs: number;
  readonly stallMs: number;
  readonly rssMiB: number;
  readonly peakRssMiB: number;
}

type WithoutId<O> = O extends Order ? Omit<O, 'id'> : never;

const main = fileURLToPath(new URL('list-server.ts', import.meta.url));

/** The server under measurement, in a process of its own so that its CPU is told from the client's. */
export class ListServerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #orders = 0;
  port = 0;

  private constructor() {
    this.#child = fork(main);
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`the server under measurement ended with ${signal ?? `exit code ${code}`}`);
    });
    this.#ended.catch(() => undefined);
  }

  static async start(options: StartOptions): Promise<ListServerProcess> {
    const server = new ListServerProcess();
    const { port = 0 } = await server.#tell({ order: 'start', options });
    server.port = port;
    return server;
  }

  /** Every node reports anew. @throws when something of it was refused: then less would be listed than is said */
  async renew(swap = false): Promise<void> {
    const { refused } = await this.#tell({ order: 'renew', swap });
    if (refused !== 0) throw new Error(`expected every report to be taken, found ${refused} refused`);
  }

  /** What the server takes while something is done. */
  async during<Result>(work: () => Promise<Result>): Promise<Taken & { readonly result: Result }> {
    await this.#tell({ order: 'begin' });
    const result = await work();
    const { cpuMs = Number.NaN, stallMs = Number.NaN, ...memory } = await this.#tell({ order: 'end' });
    const { rssMiB = Number.NaN, peakRssMiB = Number.NaN } = memory;
    return { result, cpuMs, stallMs, rssMiB, peakRssMiB };
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }

  #tell(order: WithoutId<Order>): Promise<Told> {
    this.#orders += 1;
    const id = this.#orders;
    const told = new Promise<Told>((resolve) => {
      const hear = (message: Told) => {
        if (message.id !== id) return;
        this.#child.off('message', hear);
        resolve(message);
      };
      this.#child.on('message', hear);
    });
    this.#child.send({ ...order, id });
    return Promise.race([told, this.#ended]);
  }
}
