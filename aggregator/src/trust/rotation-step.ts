/** What of a Secret says how far one CA has followed another. */
export interface RotationState {
  /** Wall clock: the end of the CA that signs. */
  readonly caEndsAtMs: number;
  /** How many CAs `ca.crt` holds. */
  readonly cas: number;
  readonly hasNext: boolean;
}

/** What else counts, as one replica sees it. */
export interface RotationView {
  readonly wallMs: number;
  /** Whether somebody wants another CA now. */
  readonly asked: boolean;
  /** How long the Secret has held these CAs and this serving certificate, as far as this replica has seen. */
  readonly heldMs: number;
  /** How long all that verifiers are given has held every CA; undefined: not all does. */
  readonly publishedMs: number | undefined;
  /** Nodes whose agent runs and has not said here that it trusts the next CA; undefined: nobody knows the nodes yet. */
  readonly distrusting: readonly string[] | undefined;
}

/** Times that only tests shorten. */
export interface RotationTimes {
  /** How long the next CA stands in the APIServices before it signs: kube-apiservers, several perhaps, follow by a watch. */
  readonly publishedMs: number;
  /** How long a CA that signs no more is trusted: replicas follow the Secret by a watch. */
  readonly droppedMs: number;
  /** After which waiting is worth a word: a kubelet takes up to two minutes to show a ConfigMap in a pod. */
  readonly patienceMs: number;
  /** Between two looks while it waits. */
  readonly lookMs: number;
}

export const usualRotationTimes: RotationTimes = {
  publishedMs: 60_000,
  droppedMs: 600_000,
  patienceMs: 600_000,
  lookMs: 5_000,
};

/** What to do now: `wait` looks again soon, `rest` when something has changed. */
export type RotationStep = 'rest' | 'wait' | 'add' | 'switch' | 'switch-late' | 'drop';

const dayMs = 24 * 3_600_000;
/** The life of a serving certificate: none is cut short by the end of its CA. */
const lastYearMs = 365 * dayMs;
/** Then serving certificates, due when a third of their life is left, would be renewed ever more often. */
const lastMonthMs = 30 * dayMs;
/** The kubelets of nodes that are reached have shown it by then, many times over. */
const lateMs = 3_600_000;

/**
 * How one CA follows another: `add` publishes a next one beside the one that signs, `switch` has the next one sign while
 * both are trusted, `drop` leaves only the one that signs. At each step whatever a replica may still show verifies with
 * whatever a verifier may still hold.
 *
 * The switch waits for every verifier. In the last 30 days of the CA, and when the next one has been there for an hour, it
 * is made without those that are missing (`switch-late`): otherwise all would fail soon, not only they.
 */
export function rotationStep(
  { caEndsAtMs, cas, hasNext }: RotationState,
  { wallMs, asked, heldMs, publishedMs, distrusting }: RotationView,
  times: RotationTimes,
): RotationStep {
  if (hasNext) {
    if (distrusting?.length === 0 && publishedMs !== undefined && publishedMs >= times.publishedMs) {
      return 'switch';
    }
    return wallMs > caEndsAtMs - lastMonthMs && heldMs >= lateMs ? 'switch-late' : 'wait';
  }
  if (cas > 1) return heldMs >= times.droppedMs ? 'drop' : 'wait';
  return asked || wallMs > caEndsAtMs - lastYearMs ? 'add' : 'rest';
}
