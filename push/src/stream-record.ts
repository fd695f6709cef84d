import type { AggregatorMessage, Directive, NodeReport } from '@tacho/proto';

/** The last report that went out on a stream. Instants are on the monotonic clock. */
export interface Sent {
  readonly sampledAtUsec: number;
  /** When it was encoded and the connection had taken it. */
  readonly atUsec: number;
  /** How many were sent on this stream. */
  readonly reports: number;
}

/** What was last heard on a stream. */
export interface Heard {
  readonly atUsec: number;
  /** The last one; undefined only before the first, with which a stream opens. */
  readonly directive: Directive | undefined;
}

/** What went over one replica's present stream, or over the last one, for a person who asks. */
export class StreamRecord {
  readonly #monotonicUsec: () => number;
  sent: Sent | undefined;
  heard: Heard | undefined;

  constructor(monotonicUsec: () => number) {
    this.#monotonicUsec = monotonicUsec;
  }

  /** A new stream has opened. */
  begin(): void {
    this.sent = undefined;
    this.heard = undefined;
  }

  noteSent({ sampleMonotonicUsec }: NodeReport): void {
    const reports = (this.sent?.reports ?? 0) + 1;
    this.sent = { sampledAtUsec: sampleMonotonicUsec, atUsec: this.#monotonicUsec(), reports };
  }

  noteHeard({ directive }: AggregatorMessage): void {
    this.heard = { atUsec: this.#monotonicUsec(), directive: directive ?? this.heard?.directive };
  }
}
