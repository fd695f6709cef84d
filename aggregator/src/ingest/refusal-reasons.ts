import type { ReportRefusal } from '../snapshot/checked-report.ts';
import type { PlausibilityRefusal } from '../snapshot/plausibility.ts';
import type { ClaimRefusal } from '../snapshot/pod-claim.ts';

/**
 * What a refusal says of who is refused. `benign` happens in a sound cluster, and is not a reason to look: the
 * others are logged as warnings.
 */
export type RefusalClass =
  /** It passes by itself: a watch that is behind, a pod that ends, an agent that is being replaced. */
  | 'benign'
  /** Nobody that this replica could know: no token, or one that is not valid here. */
  | 'unauthenticated'
  /** In the name of somebody else. */
  | 'forged'
  /** Not in the form that was agreed. */
  | 'malformed'
  /** In the right form, and yet not possible. */
  | 'implausible'
  /** More, or more often, than agreed. */
  | 'overloaded'
  /** Nobody can say now whether it is true. */
  | 'unavailable';

/** Every reason for a refusal, as it stands in the log and in the metrics. */
export const refusalClasses = {
  'agent without a valid identity': 'unauthenticated',
  'agent with the identity of somebody else': 'forged',
  'agent whose token cannot be reviewed now': 'unavailable',
  'more tokens than are reviewed at once': 'overloaded',
  'agent whose pod the watch does not know': 'benign',
  'agent whose pod is gone': 'benign',
  'agent that gives way to a newer one of its node': 'benign',
  'agent whose pod is on another node': 'forged',
  'agent whose token expires': 'benign',
  'agent whose token has become invalid': 'unauthenticated',
  'agent whose token could not be reviewed for an hour': 'unavailable',
  'agent greets with a name that is not its node': 'forged',
  'agent greets twice': 'malformed',
  'agent says what only pullers say': 'forged',
  'puller says what only agents say': 'forged',
  'puller greets with a name that is not its pod': 'forged',
  'puller greets twice': 'malformed',
  'pulled node that the puller was not asked for': 'forged',
  'pulled node that the puller is asked for no more': 'benign',
  'pulled report while an agent reports the node': 'benign',
  'pulled report before the clock of its puller is known': 'benign',
  'too many connections': 'overloaded',
  'too many connections from one address': 'overloaded',
  'connection that could not be accepted': 'overloaded',
  'connection without TLS': 'malformed',
  'TLS handshake that failed': 'unauthenticated',
  'TLS handshake that took too long': 'unauthenticated',
  'connection that waited too long for its handshake': 'overloaded',
  'connection without an agent’s stream': 'unauthenticated',
  'connection that fell silent': 'benign',
  'message larger than 4 MiB': 'overloaded',
  'agent that does not read what it is told': 'overloaded',
  'message of an unknown kind': 'malformed',
  'message that is malformed': 'malformed',
  'echo that was not asked for': 'malformed',
  'trusted CAs in a form that was not agreed': 'malformed',
  'report earlier than agreed': 'overloaded',
  'report without the instant of its sample': 'malformed',
  'report overtaken by a newer one': 'benign',
  'report of an instant that was reported before': 'implausible',
  'clock of an agent that has jumped': 'implausible',
  'report of more than 4096 pods': 'overloaded',
  'report of more than 10000 containers': 'overloaded',
  'node usage is incomplete or no number': 'malformed',
  'pod without namespace, name or UID': 'malformed',
  'pod twice in one report': 'malformed',
  'pod without containers': 'malformed',
  'pod of more than 512 containers': 'overloaded',
  'container without name or complete usage': 'malformed',
  'container twice in one pod': 'malformed',
  'pulled sample 10 minutes older than its report': 'implausible',
  'pod that uses more than its node has': 'implausible',
  'node that uses more than it has': 'implausible',
  'window longer than any agent covers': 'implausible',
  'pod of another node': 'forged',
  'pod that the watch does not know': 'benign',
  'pod with another UID than the watch knows': 'benign',
} as const satisfies Record<ReportRefusal | ClaimRefusal | PlausibilityRefusal, RefusalClass> &
  Record<string, RefusalClass>;

export type RefusalReason = keyof typeof refusalClasses;
