import type { Logger } from 'pino';
import {
  type AgentNode,
  type AgentRefusal,
  agentNode,
  displaced,
  type FindAgentPod,
  nodeUidOf,
} from './agent-node.ts';
import { isNoVerdict, TokenReviews, type TokenReviewsDeps, type TokenVerdict } from './token-reviews.ts';

/** What an agent or a puller has shown, and what it speaks for; instants on the monotonic clock. */
export interface AgentCredential extends AgentNode {
  /** An agent speaks for its node, a puller for nodes that it is asked for. */
  readonly role: 'agent' | 'puller';
  /** Who showed it: an address without a port. */
  readonly peer: string;
  readonly token: string;
  readonly reviewedMs: number;
  /** Undefined where the token tells no end. */
  readonly endsMs: number | undefined;
  readonly lastsMs: number | undefined;
}

/** The answer to "which node does this token speak for". */
export type AgentIdentity = AgentCredential | AgentRefusal;

/** What identifying needs. */
export interface AgentIdentityDeps extends TokenReviewsDeps {
  readonly log: Logger;
  readonly findPod: FindAgentPod;
  /** The UID of the node that has this name now; undefined where the watch does not know it. */
  readonly nodeUid: (name: string) => string | undefined;
}

/** Whom to accept. */
export interface AgentIdentityOptions {
  readonly audience: string;
  /** Of agents: `system:serviceaccount:<namespace>:<name>` */
  readonly username: string;
  /** Of pullers; undefined where there are to be none. */
  readonly pullerUsername?: string | undefined;
}

const longestToken = 16_384;
const logEveryMs = 60_000;

/**
 * Tells the node that an agent's token speaks for. TokenReview vouches for the token; the pod that it is bound to says
 * the node.
 */
export class AgentIdentifier {
  readonly #deps: AgentIdentityDeps;
  readonly #options: AgentIdentityOptions;
  readonly #reviews: TokenReviews;
  #loggedMs = Number.NEGATIVE_INFINITY;

  constructor(deps: AgentIdentityDeps, options: AgentIdentityOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#reviews = new TokenReviews(deps, options.audience);
  }

  /**
   * @param peer an address without a port
   * @param signal the peer has left
   */
  async identify(
    authorization: string | undefined,
    peer: string,
    signal: AbortSignal,
  ): Promise<AgentIdentity> {
    const token = /^bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined || token.length > longestToken) return unknown('no bearer token in the call');
    return this.#judge(token, peer, await this.#reviews.review(token, peer, signal));
  }

  /** Asks the API server again about what was accepted before; what was remembered does not count. */
  async identifyAgain({ peer, token }: AgentCredential, signal: AbortSignal): Promise<AgentIdentity> {
    return this.#judge(token, peer, await this.#reviews.reviewAgain(token, peer, signal));
  }

  /** What the watch has against an agent that was accepted. */
  displaced(agent: AgentNode): AgentRefusal | undefined {
    return displaced(agent, this.#deps.findPod);
  }

  #judge(token: string, peer: string, verdict: TokenVerdict): AgentIdentity {
    const { audience, pullerUsername } = this.#options;
    if (verdict === 'invalid') return unknown(`token is not valid for audience "${audience}"`);
    if (isNoVerdict(verdict)) {
      const { cause, unreviewed } = verdict;
      return unreviewed === 'too many'
        ? {
            refused: 'too many tokens are under review now: try again',
            code: 'unavailable',
            reason: 'more tokens than are reviewed at once',
            cause,
          }
        : {
            refused: 'the API server cannot review the token now',
            code: 'unavailable',
            reason: 'agent whose token cannot be reviewed now',
            cause,
          };
    }
    const role = verdict.user.username === pullerUsername ? 'puller' : 'agent';
    const username = role === 'puller' ? verdict.user.username : this.#options.username;
    const agent = agentNode(verdict.user, username, this.#deps.findPod);
    if ('refused' in agent) return agent;
    this.#reviews.remember(verdict);
    this.#compareNodeUid(agent, nodeUidOf(verdict.user));
    const { endsMs, lastsMs, reviewedMs } = verdict;
    return { ...agent, role, peer, token, reviewedMs, endsMs, lastsMs };
  }

  /** A node that was made again under its name is still that node for the pod that is scheduled to it. */
  #compareNodeUid({ node, podName }: AgentNode, tokenUid: string | undefined): void {
    const watchUid = this.#deps.nodeUid(node);
    if (tokenUid === undefined || watchUid === undefined || tokenUid === watchUid) return;
    const nowMs = this.#deps.monotonicMs();
    if (nowMs - this.#loggedMs < logEveryMs) return;
    this.#loggedMs = nowMs;
    this.#deps.log.info({ node, podName }, 'token is from before its node was made again under its name');
  }
}

function unknown(refused: string): AgentRefusal {
  return { refused, code: 'unauthenticated', reason: 'agent without a valid identity' };
}
