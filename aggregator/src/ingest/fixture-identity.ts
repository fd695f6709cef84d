import { keptLog } from '../fixture-log.ts';
import type { AgentPodPlace } from '../kube/agent-pods.ts';
import type { ReviewedToken } from '../kube/token-review.ts';
import { AgentIdentifier, type AgentIdentityDeps } from './agent-identity.ts';

export const audience = 'tacho-aggregator';
export const username = 'system:serviceaccount:tacho:tacho-agent';
export const minuteMs = 60_000;

/** What the API server says of a token that is bound to a pod. */
export function boundTo(node: string | undefined, podUid: string): ReviewedToken {
  return {
    username,
    extra: {
      'authentication.kubernetes.io/pod-name': [`tacho-agent-${podUid}`],
      'authentication.kubernetes.io/pod-uid': [podUid],
      ...(node !== undefined && { 'authentication.kubernetes.io/node-name': [node] }),
    },
  };
}

/** A JWT that nobody has signed, with these claims. */
export function jwt(claims: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** Clocks that stand still until a test moves them, and what waits for them. */
export class FixtureTime {
  nowMs = 0;
  /** How far the wall clock is ahead of the monotonic one. */
  readonly wallAheadMs: number = Date.parse('2026-01-01T00:00:00Z');
  #waiting: { readonly atMs: number; readonly run: () => void }[] = [];

  readonly monotonicMs = () => this.nowMs;
  readonly wallMs = () => this.wallAheadMs + this.nowMs;
  readonly later = (ms: number, run: () => void) => {
    this.#waiting.push({ atMs: this.nowMs + ms, run });
  };

  /** Lets time pass until there is an answer. */
  async until<Answer>(answer: Promise<Answer>): Promise<Answer> {
    let isThere = false;
    void answer.finally(() => {
      isThere = true;
    });
    while (!isThere) await this.pass(10);
    return answer;
  }

  /** Lets so much time pass, in steps, and everything happen that happens meanwhile. */
  async pass(ms: number, stepMs = ms): Promise<void> {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs = Math.min(endMs, this.nowMs + stepMs);
      const due = this.#waiting.filter(({ atMs }) => atMs <= this.nowMs);
      this.#waiting = this.#waiting.filter(({ atMs }) => atMs > this.nowMs);
      for (const { run } of due) run();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** An identifier with an API server that knows every token `good…` as that of pod u1 on n1 and can be switched off. */
export function fixtureIdentity(deps: Partial<AgentIdentityDeps> = {}) {
  const time = new FixtureTime();
  const pods = new Map<string, AgentPodPlace | 'gone'>();
  const nodeUids = new Map<string, string>();
  const { log, lines } = keptLog();
  const state = {
    down: false,
    hangs: false,
    revoked: false,
    asked: [] as string[],
    answer: boundTo('n1', 'u1'),
  };
  const identifier = new AgentIdentifier(
    {
      log,
      ...{ monotonicMs: time.monotonicMs, wallMs: time.wallMs, later: time.later },
      findPod: (uid) => pods.get(uid),
      nodeUid: (name) => nodeUids.get(name),
      async reviewToken(token) {
        state.asked.push(token);
        if (state.hangs) await new Promise(() => undefined);
        if (state.down) throw new Error('connect ECONNREFUSED');
        return state.revoked || token === 'bad' ? undefined : state.answer;
      },
      ...deps,
    },
    { audience, username },
  );
  const { signal } = new AbortController();
  return {
    ...{ identifier, lines, nodeUids, pods, state, time },
    identify: (token: string) => identifier.identify(`Bearer ${token}`, '10.0.0.1', signal),
  };
}
