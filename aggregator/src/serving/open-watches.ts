import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { WatchBody } from '../api/protocol/api-message.ts';
import { WatchLagging } from '../api/watch/watch-stream.ts';

/** So long a connection may be silent before TCP asks whether its other end is still there. */
const keepAliveMs = 60_000;

class SlowReader extends Error {
  override readonly name = 'SlowReader';
}

/** The watches that are being sent. */
export class OpenWatches {
  readonly #stalledMs: number;
  readonly #slowReader: () => void;
  readonly #open = new Set<AbortController>();
  #closed = false;

  /**
   * @param stalledMs how long a client may take for a piece of 64 KiB
   * @param slowReader is told of each client that is dropped because it reads too slowly
   */
  constructor(stalledMs: number, slowReader: () => void) {
    this.#stalledMs = stalledMs;
    this.#slowReader = slowReader;
  }

  /** Ends those that are open, and their connections with them: clients begin anew, perhaps elsewhere. */
  end(): void {
    for (const ending of this.#open) ending.abort();
  }

  /** Ends those that are open, and at once those that are still to come. */
  close(): void {
    this.#closed = true;
    this.end();
  }

  /**
   * Sends events as they come until the watch ends or the client leaves; status and headers are set.
   * @throws when the connection breaks
   */
  async send(outgoing: ServerResponse, body: WatchBody): Promise<void> {
    const ending = new AbortController();
    const endSelf = () => ending.abort();
    this.#open.add(ending);
    outgoing.once('close', endSelf);
    if (this.#closed || outgoing.closed) endSelf();
    const { socket } = outgoing;
    socket?.setKeepAlive(true, keepAliveMs);
    outgoing.flushHeaders();
    try {
      for await (const piece of body.watch(ending.signal)) {
        if (piece !== undefined) await this.#taken(outgoing, piece);
        await nextTurn();
      }
    } catch (error) {
      if (!(error instanceof SlowReader || error instanceof WatchLagging)) throw error;
      this.#slowReader();
      outgoing.destroy();
      return;
    } finally {
      this.#open.delete(ending);
      outgoing.off('close', endSelf);
    }
    // The headers have promised to keep the connection alive, but on it the client would come back to here.
    outgoing.end(ending.signal.aborted ? () => socket?.end() : undefined);
  }

  /** Resolves when the bytes may be written over. */
  async #taken(outgoing: ServerResponse, piece: Uint8Array): Promise<void> {
    if (outgoing.closed) throw new Error('the client has left');
    let stalled: NodeJS.Timeout | undefined;
    const written = new Promise<void>((resolve, reject) => {
      outgoing.write(piece, (error) => (error ? reject(error) : resolve()));
      stalled = setTimeout(() => reject(new SlowReader()), this.#stalledMs);
    });
    try {
      await written;
    } finally {
      clearTimeout(stalled);
    }
  }
}
