import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

const lateMs = 300;
/** Later than the thread's word of a stall that has ended. */
const heardMs = 100;

const thread = `
const { parentPort } = require('node:worker_threads');
let lastMs = Date.now();
setInterval(() => {
  const nowMs = Date.now();
  if (nowMs - lastMs > ${lateMs}) parentPort.postMessage([lastMs, nowMs]);
  lastMs = nowMs;
}, 20);`;

/**
 * When this machine ran nobody, as a guest whose host has other work: a thread with nothing else to do came late. What a
 * promise in time says is not to be seen then, because those who made it stood still too.
 */
export class Stalls implements AsyncDisposable {
  readonly #seen: (readonly [beginMs: number, endMs: number])[] = [];
  readonly #worker = new Worker(thread, { eval: true });

  constructor() {
    this.#worker.on('message', (stall) => this.#seen.push(stall));
    this.#worker.unref();
  }

  /** Whether there was one between these instants of the wall clock. */
  touches(fromMs: number, toMs: number): boolean {
    return this.#seen.some(([beginMs, endMs]) => beginMs <= toMs && endMs >= fromMs);
  }

  /** Like `touches()`, up to this moment. */
  async sinceMs(fromMs: number): Promise<boolean> {
    const toMs = Date.now();
    await sleep(heardMs);
    return this.touches(fromMs, toMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
