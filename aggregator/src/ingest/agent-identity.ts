import { createHmac, randomBytes } from 'node:crypto';
import { unquotedReason } from '../kube/kube-client.ts';
import type { ReviewedToken } from '../kube/token-review.ts';

/** Why a token speaks for no node. */
export interface AgentRefusal {
  /** What the peer is told. */
  readonly refused: string;
  readonly code: 'unauthenticated' | 'forbidden' | 'unavailable';
  /** What only the log is told: nothing of the inside goes to a peer that nobody knows. */
  readonly cause?: string;
}

/** The node that a token speaks for, and the pod that it is bound to. */
export interface AgentNode {
  readonly node: string;
  readonly podUid: string | undefined;
}

/** The answer to "which node does this token speak for". */
export type AgentIdentity = AgentNode | AgentRefusal;

/** What identifying needs. */
export interface AgentIdentityDeps {
  /** @throws when the API server cannot answer */
  readonly reviewToken: (token: string, audiences: readonly string[]) => Promise<ReviewedToken | undefined>;
  readonly monotonicMs: () => number;
}

/** Whom to accept. */
export interface AgentIdentityOptions {
  readonly audience: string;
  /** `system:serviceaccount:<namespace>:<name>` */
  readonly username: string;
}

/** A token seen valid goes on for this long while the API server cannot be reached. */
const trustedMs = 600_000;
const longestToken = 16_384;
const mostRemembered = 10_000;
/** Tokens under review at once that are not known: anybody who reaches the port may show some. */
const mostStrangers = 256;

/**
 * Tells the node that an agent's token speaks for: a service account token bound to a pod carries the name of the
 * pod's node (Kubernetes 1.30 and later), and TokenReview vouches for it.
 */
export class AgentIdentifier {
  readonly #deps: AgentIdentityDeps;
  readonly #options: AgentIdentityOptions;
  /** Tokens are kept as keyed hashes: a memory dump of the aggregator holds none. */
  readonly #key = randomBytes(32);
  readonly #seen = new Map<string, { readonly agent: AgentNode; readonly atMs: number }>();
  #strangers = 0;

  constructor(deps: AgentIdentityDeps, options: AgentIdentityOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  async identify(authorization: string | undefined): Promise<AgentIdentity> {
    const token = /^bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > longestToken) {
      return { refused: 'no bearer token in the call', code: 'unauthenticated' };
    }
    const { audience, username } = this.#options;
    const digest = createHmac('sha256', this.#key).update(token).digest('base64');
    const isStranger = !this.#seen.has(digest);
    if (isStranger && this.#strangers >= mostStrangers) {
      return { refused: 'too many tokens are under review now', code: 'unavailable' };
    }
    let reviewed: ReviewedToken | undefined;
    if (isStranger) this.#strangers += 1;
    try {
      reviewed = await this.#deps.reviewToken(token, [audience]);
    } catch (error) {
      const seen = this.#seen.get(digest);
      if (seen !== undefined && this.#deps.monotonicMs() - seen.atMs <= trustedMs) return seen.agent;
      return {
        refused: 'the API server cannot review the token now',
        code: 'unavailable',
        cause: unquotedReason(error),
      };
    } finally {
      if (isStranger) this.#strangers -= 1;
    }
    if (reviewed === undefined) {
      this.#seen.delete(digest);
      return { refused: `token is not valid for audience "${audience}"`, code: 'unauthenticated' };
    }
    if (reviewed.username !== username) {
      return { refused: `token is of ${reviewed.username}, expected ${username}`, code: 'forbidden' };
    }
    const [node] = reviewed.extra['authentication.kubernetes.io/node-name'] ?? [];
    const [pod] = reviewed.extra['authentication.kubernetes.io/pod-name'] ?? [];
    if (node === undefined || pod === undefined) {
      return {
        refused: 'token names no pod and node: it must be bound to the agent’s pod',
        code: 'forbidden',
      };
    }
    const [podUid] = reviewed.extra['authentication.kubernetes.io/pod-uid'] ?? [];
    const agent: AgentNode = { node, podUid };
    this.#remember(digest, agent);
    return agent;
  }

  #remember(digest: string, agent: AgentNode): void {
    this.#seen.delete(digest);
    this.#seen.set(digest, { agent, atMs: this.#deps.monotonicMs() });
    const oldest = this.#seen.keys().next();
    if (this.#seen.size > mostRemembered && oldest.done !== true) this.#seen.delete(oldest.value);
  }
}
