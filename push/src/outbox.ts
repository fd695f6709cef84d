import type { AgentMessage } from '@tacho/proto';

/**
 * What one replica is still to be told. Its stream asks for the next message when the one before is on its way, so
 * whoever reads slowly is told the newest when it reads again, and nothing piles up.
 */
export interface Outbox {
  /** A stream has opened: on it nothing was sent. */
  begin(): void;
  /** What comes next; it counts as sent. Undefined while there is nothing. */
  next(): AgentMessage | undefined;
}
