import { setTimeout as sleep } from 'node:timers/promises';

/**
 * What lies between being told to stop and stopping. From the first instant on the server says that it is not ready, but
 * serves on until whoever sends requests has heard of it: kube-proxy and kube-apiserver learn it from EndpointSlices.
 */
export class ShutdownDelay {
  readonly #told: AbortSignal;
  readonly #over = new AbortController();

  /** @param lastPart is called when half of the delay is over: by then new connections go to other replicas */
  constructor(told: AbortSignal, delayMs: number, lastPart: () => void) {
    this.#told = told;
    const begin = () => void this.#run(delayMs, lastPart);
    if (told.aborted) begin();
    else told.addEventListener('abort', begin, { once: true });
  }

  /** Whether it has been told to stop. */
  get begun(): boolean {
    return this.#told.aborted;
  }

  /** Aborts when the delay is over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  async #run(delayMs: number, lastPart: () => void): Promise<void> {
    if (delayMs > 0) {
      await sleep(delayMs / 2);
      lastPart();
      await sleep(delayMs / 2);
    }
    this.#over.abort();
  }
}
