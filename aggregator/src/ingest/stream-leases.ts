import type { Logger } from 'pino';
import type { AgentCredential, AgentIdentifier } from './agent-identity.ts';
import type { AgentRefusal } from './agent-node.ts';

/** What watching over open streams needs. */
export interface StreamLeasesDeps {
  readonly log: Logger;
  readonly identifier: Pick<AgentIdentifier, 'displaced' | 'identifyAgain'>;
  readonly monotonicMs: () => number;
  readonly random: () => number;
}

/** An open stream may go on until `end` is called, once. */
export interface StreamLease {
  /** The stream has ended by itself. */
  close(): void;
}

interface Lease {
  credential: AgentCredential;
  readonly end: (why: AgentRefusal) => void;
  /** When the stream ends for its token's sake. */
  readonly endMs: number;
  dueMs: number;
  readonly closed: AbortController;
}

/** The longest time between two reviews of an open stream's token; the shortest is half of it. */
const reviewEveryMs = 300_000;
/** What a service account token lasts when nobody says otherwise. */
const longestUnreviewedMs = 3_600_000;
/** Clocks differ, and streams are looked at once a second. */
const longestMarginMs = 5_000;
const mostAtOnce = 8;
const mostPerSweep = 50;
/** After a review that failed, all wait for so long. */
const pauseMs = 10_000;

/**
 * Ends streams whose agent may no longer be heard: shortly before the token's end, when the API server no longer says
 * yes to it, when the watch says that its pod is gone. Reviews them again every few minutes, a few at once. While the
 * API server cannot be reached, streams go on until their token ends, and an hour at most.
 */
export class StreamLeases {
  readonly #deps: StreamLeasesDeps;
  readonly #leases = new Set<Lease>();
  #due: Lease[] = [];
  #underWay = 0;
  #begun = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;
  #failing = false;

  constructor(deps: StreamLeasesDeps) {
    this.#deps = deps;
  }

  open(credential: AgentCredential, end: (why: AgentRefusal) => void): StreamLease {
    const lease: Lease = {
      credential,
      end,
      endMs: this.#endMs(credential),
      dueMs: this.#dueMs(credential.reviewedMs),
      closed: new AbortController(),
    };
    this.#leases.add(lease);
    return { close: () => this.#close(lease) };
  }

  /** Looks at all streams; call it every second. */
  sweep(): void {
    const nowMs = this.#deps.monotonicMs();
    this.#due = [];
    this.#begun = 0;
    for (const lease of this.#leases) {
      const why = this.#whyNot(lease, nowMs);
      if (why !== undefined) this.#end(lease, why);
      else if (nowMs >= lease.dueMs) this.#due.push(lease);
    }
    this.#reviewDue();
  }

  #whyNot({ credential, endMs }: Lease, nowMs: number): AgentRefusal | undefined {
    if (nowMs >= endMs) {
      return {
        refused: 'token expires: connect again with its successor',
        code: 'unauthenticated',
        reason: 'agent whose token expires',
      };
    }
    if (nowMs - credential.reviewedMs >= longestUnreviewedMs) {
      return {
        refused: 'the API server could not review the token for an hour',
        code: 'unavailable',
        reason: 'agent whose token could not be reviewed for an hour',
      };
    }
    return this.#deps.identifier.displaced(credential);
  }

  #reviewDue(): void {
    const nowMs = this.#deps.monotonicMs();
    while (this.#underWay < mostAtOnce && this.#begun < mostPerSweep && nowMs >= this.#pausedUntilMs) {
      const lease = this.#due.shift();
      if (lease === undefined) return;
      // It may have closed since, or be under review already.
      if (!this.#leases.has(lease) || nowMs < lease.dueMs) continue;
      this.#begun += 1;
      lease.dueMs = this.#dueMs(nowMs);
      void this.#review(lease);
    }
  }

  async #review(lease: Lease): Promise<void> {
    this.#underWay += 1;
    const identity = await this.#deps.identifier.identifyAgain(lease.credential, lease.closed.signal);
    this.#underWay -= 1;
    if (this.#leases.has(lease)) this.#take(lease, identity);
    this.#reviewDue();
  }

  #take(lease: Lease, identity: AgentCredential | AgentRefusal): void {
    if (!('refused' in identity)) {
      lease.credential = identity;
      if (this.#failing) this.#deps.log.info('tokens of open streams are reviewed again');
      this.#failing = false;
    } else if (identity.code === 'unavailable') {
      const nowMs = this.#deps.monotonicMs();
      // Others first: it may be this one alone that cannot be reviewed.
      lease.dueMs = nowMs + pauseMs * (1 + this.#deps.random());
      this.#pausedUntilMs = nowMs + pauseMs;
      if (!this.#failing) {
        this.#deps.log.warn(
          { streams: this.#leases.size, why: identity.cause ?? identity.refused },
          'tokens of open streams cannot be reviewed: they go on until their tokens end, an hour at most',
        );
      }
      this.#failing = true;
    } else if (identity.reason === 'agent without a valid identity') {
      const refused = 'token is no longer valid';
      this.#end(lease, { ...identity, refused, reason: 'agent whose token has become invalid' });
    } else this.#end(lease, identity);
  }

  #end(lease: Lease, why: AgentRefusal): void {
    this.#close(lease);
    lease.end(why);
  }

  #close(lease: Lease): void {
    if (this.#leases.delete(lease)) lease.closed.abort();
  }

  /** Agents that came together must neither leave together nor be reviewed together. */
  #dueMs(reviewedMs: number): number {
    return reviewedMs + (reviewEveryMs / 2) * (1 + this.#deps.random());
  }

  /**
   * In the last tenth of the token's life: the kubelet renews it when a fifth is left. Who comes with one that is in its
   * last tenth already has no other, and stays until shortly before its end.
   */
  #endMs({ endsMs, lastsMs }: AgentCredential): number {
    if (endsMs === undefined || lastsMs === undefined) return Number.POSITIVE_INFINITY;
    const lastTenthMs = lastsMs / 10;
    const latestMs = endsMs - Math.min(longestMarginMs, lastTenthMs);
    const earliestMs = latestMs - lastTenthMs;
    if (this.#deps.monotonicMs() >= earliestMs) return latestMs;
    return earliestMs + lastTenthMs * this.#deps.random();
  }
}
