import type { ChangeEvent } from './watch-changes.ts';
import type { EventForm } from './watch-event.ts';

const firstBytes = 4 * 1024;
const pieceBytes = 64 * 1024;
/** Entries that are looked at without an event: then others have the event loop. */
const pauseAfter = 2_000;

/** Joins events to pieces of at most 64 KiB, in a buffer that a client with little to hear keeps small. */
export class WatchPieces {
  readonly #form: EventForm;
  #out: Uint8Array = Buffer.allocUnsafeSlow(firstBytes);

  constructor(form: EventForm) {
    this.#form = form;
  }

  /**
   * Each piece holds until the next is asked for; undefined is a good moment for others.
   * @param events undefined for one that was looked at in vain
   */
  *of(events: Iterable<ChangeEvent | undefined>): Generator<Uint8Array | undefined> {
    const form = this.#form;
    let offset = 0;
    let idle = 0;
    for (const event of events) {
      if (event === undefined) {
        idle += 1;
        if (idle % pauseAfter === 0) yield undefined;
        continue;
      }
      const { type, entry, sample } = event;
      if (offset + form.bound(entry, sample) > this.#out.length) {
        if (offset > 0) yield this.#out.subarray(0, offset);
        offset = 0;
        // Asked again: a label or a container may have come meanwhile.
        this.#grow(form.bound(entry, sample));
      }
      offset = form.write(this.#out, offset, type, entry, sample);
    }
    if (offset > 0) yield this.#out.subarray(0, offset);
  }

  #grow(leastBytes: number): void {
    const wanted = Math.max(leastBytes, Math.min(pieceBytes, 4 * this.#out.length));
    if (wanted > this.#out.length) this.#out = Buffer.allocUnsafeSlow(wanted);
  }
}
