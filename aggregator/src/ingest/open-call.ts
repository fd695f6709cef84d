import type { status } from '@grpc/grpc-js';
import type { AggregatorMessage } from '@tacho/proto';
import type { Served } from './turns.ts';

/** A call as whoever serves it sees it: no socket. */
export interface CallIo {
  /** The peer's address with its port. */
  readonly peer: string;
  readonly send: (message: AggregatorMessage) => void;
  /** Asks for a turn: its serve() is called when it comes. */
  readonly askForTurn: (served: Served) => void;
  /** Whether more is to be received. */
  readonly listen: (on: boolean) => void;
  readonly end: (code: status, details: string) => void;
}

/** Whoever serves a call whose peer is known. */
export interface OpenCall {
  /** Speaks the first word. */
  open(): void;
  receive(message: Buffer): void;
  /** It has ended, whoever ended it. */
  left(): void;
}
