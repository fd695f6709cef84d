import type { ServerResponse } from 'node:http';

/**
 * Cuts off a client that takes nothing of its answer for `stalledMs`; one that is merely slow goes on. Progress is what
 * node:net calls activity, and over TLS that is a write that was taken whole: the body is to be written in pieces, each
 * after the last, of no more than a slow client takes in that time.
 */
export function cutOffStalledReader(outgoing: ServerResponse, stalledMs: number, stalled: () => void): void {
  outgoing.setTimeout(stalledMs, () => {
    stalled();
    outgoing.destroy();
  });
}
