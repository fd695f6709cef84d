import { errorWords } from '@tacho/command-line';
import type { PullProblem, PullReason } from '@tacho/proto';
import type { At, Failure, ResourceReadings } from '../exposition/resource-reader.ts';

/** What was tried, what was found and how to mend it. Nothing in it is a kubelet's own text. */
export interface KubeletProblem extends PullProblem {
  readonly reason: PullReason;
}

/** A pull that ended for a reason that is known where it is found. */
export class PullFailed extends Error {
  readonly reason: PullReason;

  constructor(reason: PullReason, words: string) {
    super(words);
    this.reason = reason;
  }
}

/** How far a pull had come. */
export interface Progress {
  readonly url: string;
  readonly timeoutMs: number;
  /** Whether the head of the answer was there. */
  readonly isAnswered: boolean;
  /** Whether it was the clock that ended it. */
  readonly isTooLate: boolean;
}

const mends: Readonly<Record<number, string>> = {
  401: 'the kubelet does not accept the puller’s token: it needs --authentication-token-webhook, which asks the API server',
  403: 'the puller’s ServiceAccount may not get nodes/metrics: bind the ClusterRole that the chart brings',
  404: 'no kubelet listens there, or one before Kubernetes 1.14: look at the address and at --kubelet-port',
  500: 'the kubelet itself could not say it: its log says why',
  503: 'the kubelet itself could not say it: its log says why',
};

/** For an answer that is not 200. */
export function statusProblem(status: number): PullFailed {
  const isRedirect = status >= 300 && status < 400;
  const mend = isRedirect ? 'no kubelet redirects, and none is followed: look at the address' : mends[status];
  return new PullFailed('status', `it answered ${status}${mend === undefined ? '' : `: ${mend}`}`);
}

/** For a body of which nothing can be used. */
export function failureProblem({ what, line }: At<Failure>): PullFailed {
  const look = 'get --raw /api/v1/nodes/NODE/proxy/metrics/resource shows it';
  switch (what) {
    case 'cut off':
      return new PullFailed('truncated', `its answer ends in the middle of line ${line}`);
    case 'too many containers':
      return new PullFailed(
        'too large',
        `its answer has more containers than any node, by line ${line}: ${look}`,
      );
    case 'line too long':
      return new PullFailed(
        'too large',
        `line ${line} of its answer is longer than any of a kubelet: ${look}`,
      );
    case 'labels':
      return new PullFailed(
        'malformed',
        `line ${line} of its answer does not say whose series it is: ${look}`,
      );
    case 'no series':
      return new PullFailed(
        'malformed',
        `its ${line} lines have nothing of a kubelet’s: look at address and port`,
      );
  }
}

/** For a body with single series that cannot be used; undefined where there is none. */
export function flawProblem(url: string, { flawed, flaws }: ResourceReadings): KubeletProblem | undefined {
  if (flawed === undefined) return undefined;
  const message = `asked ${url}; ${flaws} series in its answer cannot be used, the first in line ${flawed.line} (${flawed.what}): their pods keep their last figures, all others are read`;
  return { reason: 'malformed', message };
}

/** For whatever else ended a pull: undici's, Node's and OpenSSL's errors by their codes. */
export function problemOf(error: unknown, progress: Progress): KubeletProblem {
  const { reason, words } = found(error, progress);
  return { reason, message: `asked ${progress.url}; ${words}`.slice(0, 1_000) };
}

function found(
  error: unknown,
  { isAnswered, isTooLate, timeoutMs }: Progress,
): { readonly reason: PullReason; readonly words: string } {
  if (error instanceof PullFailed) return { reason: error.reason, words: errorWords(error) };
  const code = codeOf(error);
  if (isTooLate || code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT') {
    const what = isAnswered ? 'its answer did not end' : 'no answer';
    const words = `${what} within ${timeoutMs / 1_000} s: is the node well, and its port open to the puller? (--kubelet-request-timeout)`;
    return { reason: 'hung', words };
  }
  if (code === 'ECONNREFUSED') {
    const words =
      'nothing listens there: does the kubelet run, and is it the right port? (--kubelet-port, --kubelet-use-node-status-port)';
    return { reason: 'refused', words };
  }
  if (/^(?:ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/.test(code)) {
    const words = `it cannot be reached (${code}): another address may be (--kubelet-preferred-address-types)`;
    return { reason: 'unreachable', words };
  }
  if (/CERT|SIGNATURE|ISSUER|SELF_SIGNED|UNABLE_TO_|ERR_TLS|PATH_LENGTH/.test(code)) {
    const words = `its certificate does not prove that it is this kubelet (${code}), so it was shown no token: let it have one of the cluster’s CA (serverTLSBootstrap), or name its CA (--kubelet-certificate-authority)`;
    return { reason: 'certificate', words };
  }
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE')
    return { reason: 'too large', words: 'its answer is too large' };
  if (isAnswered) return { reason: 'truncated', words: `its answer broke off (${code})` };
  if (/^(?:UND_ERR_SOCKET|ECONNRESET|EPIPE|ERR_HTTP2_\w+|EPROTO|ERR_SSL_\w+)$/.test(code)) {
    const words = `the connection ended before an answer (${code}): is it a kubelet that listens there, with TLS?`;
    return { reason: 'closed', words };
  }
  if (/^HPE_/.test(code)) return { reason: 'malformed', words: `its answer is no HTTP (${code})` };
  return { reason: 'failed', words: `it failed (${code})` };
}

/** Codes are of a closed kind: they cannot carry a peer's words. */
function codeOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code: unknown = 'code' in at ? at.code : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(code)) return code;
  }
  return error instanceof Error && /^[A-Za-z]{1,64}$/.test(error.name) ? error.name : 'no code';
}
