import type { DebugState, ReplicaState } from '../../debug-state.ts';
import { clockWords, countWords, durationWords, plural } from './number-words.ts';

/** One replica in words. */
export interface ReplicaRow {
  readonly address: string;
  readonly connected: boolean;
  readonly since: string;
  readonly sent: string;
  readonly answered: string;
}

/** What went to each replica and what it said. A replica acknowledges no report: silence on an open stream is consent. */
export function replicaRows({ replicas, report }: Pick<DebugState, 'replicas' | 'report'>): ReplicaRow[] {
  return replicas.map((replica) => ({
    address: replica.address,
    connected: replica.connected,
    since: `${replica.connected ? 'connected' : 'not connected'} since ${clockWords(replica.since)}`,
    sent: sentWords(replica, report?.sampledAt),
    answered: answeredWords(replica),
  }));
}

function sentWords({ sent }: ReplicaState, sampledAt: string | undefined): string {
  if (sent === undefined) return 'nothing yet';
  const isThis = sampledAt !== undefined && Math.abs(Date.parse(sent.sampledAt) - Date.parse(sampledAt)) <= 2;
  const which = isThis ? 'this report' : `the report of ${clockWords(sent.sampledAt)}`;
  return `${which} at ${clockWords(sent.at)}, number ${countWords(sent.reports)} of the stream`;
}

function answeredWords({ connected, lastError, answered, since }: ReplicaState): string {
  if (!connected) return `stream ended at ${clockWords(since)}: ${lastError ?? 'no reason is known'}`;
  if (answered === undefined) return 'accepted the stream, has said nothing';
  const { at, periodUsec, windowUsec, peers } = answered;
  const asked =
    periodUsec === undefined
      ? ''
      : `: a report each ${durationWords(periodUsec)} over ${durationWords(windowUsec)}, ${plural(peers ?? 0, 'replica')}`;
  return `no objection; spoke last at ${clockWords(at)}${asked}`;
}
