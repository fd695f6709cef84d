/** Why a puller cannot read a kubelet: what it may say in `PullProblem.reason`, and the label of metrics. */
export const pullReasons = [
  'no address',
  'credentials',
  'refused',
  'unreachable',
  'certificate',
  'closed',
  'hung',
  'status',
  'too large',
  'truncated',
  'malformed',
  'failed',
] as const;

/** One of them. */
export type PullReason = (typeof pullReasons)[number];
