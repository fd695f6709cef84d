import type { AgentPodPlace } from '../kube/agent-pods.ts';
import type { ReviewedToken } from '../kube/token-review.ts';
import type { RefusalReason } from './refusal-reasons.ts';

/** Why a token speaks for no node. */
export interface AgentRefusal {
  /** What the peer is told. */
  readonly refused: string;
  readonly code: 'unauthenticated' | 'forbidden' | 'unavailable';
  readonly reason: RefusalReason;
  /** What only the log is told: nothing of the inside goes to a peer that nobody knows. */
  readonly cause?: string;
}

/** The node that an agent's token speaks for, and the pod that it is bound to; of a puller's, the node where it runs. */
export interface AgentNode {
  readonly node: string;
  readonly podName: string;
  readonly podUid: string;
}

/** Where the watch says that a pod of the agents is, by UID. */
export type FindAgentPod = (uid: string) => AgentPodPlace | 'gone' | undefined;

const claim = 'authentication.kubernetes.io/';

/**
 * The node of an agent: the one that its token names (Kubernetes 1.30 and later, KEP-4193), or else the one on which the
 * watch knows the token's pod. The two must not contradict each other.
 * @param username of the agents: `system:serviceaccount:<namespace>:<name>`
 */
export function agentNode(
  { extra, username: found }: ReviewedToken,
  username: string,
  findPod: FindAgentPod,
): AgentNode | AgentRefusal {
  if (found !== username) return somebodyElse(`token is of ${found}, expected ${username}`);
  const [podName] = extra[`${claim}pod-name`] ?? [];
  const [podUid] = extra[`${claim}pod-uid`] ?? [];
  if (podName === undefined || podUid === undefined) {
    return somebodyElse('token names no pod: it must be bound to the agent’s pod');
  }
  const [named] = extra[`${claim}node-name`] ?? [];
  if (named !== undefined) {
    const agent = { node: named, podName, podUid };
    return displaced(agent, findPod) ?? agent;
  }
  const place = findPod(podUid);
  if (place === undefined) {
    return {
      refused: 'the token names no node, and the watch does not know its pod yet: try again',
      code: 'unavailable',
      reason: 'agent whose pod the watch does not know',
    };
  }
  if (place === 'gone') return podIsGone;
  if (place.name !== podName) return somebodyElse('the pod of the token has another name');
  return { node: place.nodeName, podName, podUid };
}

/** What the watch has against an agent; nothing where it does not know the pod. */
export function displaced({ node, podUid }: AgentNode, findPod: FindAgentPod): AgentRefusal | undefined {
  const place = findPod(podUid);
  if (place === 'gone') return podIsGone;
  if (place === undefined || place.nodeName === node) return undefined;
  return {
    refused: 'the pod of the token is on another node',
    code: 'forbidden',
    reason: 'agent whose pod is on another node',
  };
}

/** The UID of the node when the token was issued; undefined where the API server did not know it. */
export function nodeUidOf({ extra }: ReviewedToken): string | undefined {
  return extra[`${claim}node-uid`]?.[0];
}

const podIsGone: AgentRefusal = {
  refused: 'the pod of the token is gone',
  code: 'unauthenticated',
  reason: 'agent whose pod is gone',
};

function somebodyElse(refused: string): AgentRefusal {
  return { refused, code: 'forbidden', reason: 'agent with the identity of somebody else' };
}
