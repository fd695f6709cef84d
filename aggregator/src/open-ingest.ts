import type { AggregatorConfig } from './config.ts';
import { AgentIdentifier, type AgentIdentityDeps } from './ingest/agent-identity.ts';
import { IngestServer, type IngestServerDeps } from './ingest/ingest-server.ts';
import type { AgentPods } from './kube/agent-pods.ts';
import type { KubeClient } from './kube/kube-client.ts';
import { reviewToken } from './kube/token-review.ts';

/** What the listener for agents is joined with. */
export interface IngestParts
  extends Omit<IngestServerDeps, 'identifier' | 'isOutdatedBy'>,
    Pick<AgentIdentityDeps, 'nodeUid'> {
  readonly config: Pick<AggregatorConfig, 'agentAudience' | 'agentUsername' | 'pullerUsername'>;
  readonly agentPods: AgentPods;
  readonly pullerPods: AgentPods;
  /** Reviews tokens. */
  readonly client: Pick<KubeClient, 'post'>;
}

/** Joins the listener for agents with the API server's word on who they are, until the signal says stop. */
export function openIngest(parts: IngestParts, signal: AbortSignal): IngestServer {
  const { agentPods, pullerPods, client, config } = parts;
  const identifier = new AgentIdentifier(
    {
      ...parts,
      reviewToken: (token, audiences) => reviewToken(client, token, audiences, signal),
      findPod: (uid) => agentPods.find(uid) ?? pullerPods.find(uid),
      later: (ms, run) => void setTimeout(run, ms).unref(),
    },
    {
      audience: config.agentAudience,
      username: config.agentUsername,
      // Where nothing is to be pulled their account is somebody else's.
      pullerUsername: parts.pullers && config.pullerUsername,
    },
  );
  return new IngestServer({
    ...parts,
    identifier,
    isOutdatedBy: (podUid, otherUid) => agentPods.isOutdatedBy(podUid, otherUid),
  });
}
