import { matchesLabels, parseLabelSelector } from './api/selectors/label-selector.ts';
import type { PullConfig } from './config.ts';
import { PullerStreams, type PullerStreamsDeps } from './ingest/puller-streams.ts';
import type { AgentPods } from './kube/agent-pods.ts';
import { KubeletAddresses } from './kube/kubelet-addresses.ts';
import { isAgentsReport, NodesToPull } from './pulling/nodes-to-pull.ts';
import { PullTries } from './pulling/pull-tries.ts';
import { rendezvousShares } from './pulling/rendezvous-shares.ts';
import { NodesReported } from './serving/nodes-reported.ts';
import { bridge } from './snapshot/pulled-samples.ts';
import type { Snapshot } from './snapshot/snapshot.ts';
import { type PulledTakers, takePulled } from './take-pulled.ts';

/** What pulling is joined with. */
export interface PullingParts
  extends Omit<PullerStreamsDeps, 'share' | 'accept'>,
    Omit<PulledTakers, 'snapshot' | 'refusals' | 'tries'> {
  readonly snapshot: Snapshot;
  readonly agentPods: AgentPods;
  /** Nodes whose agent runs. */
  readonly agentNodes: () => Iterable<string>;
  /** Whether the watches are in step. */
  readonly isInStep: () => boolean;
}

/** Nodes that pullers read: which, by whom, and how it goes. */
export interface Pulling {
  readonly kubelets: KubeletAddresses;
  readonly nodes: NodesToPull;
  readonly tries: PullTries;
  readonly pullers: PullerStreams;
  /** Nodes that should be reported, by an agent or a puller. */
  expected(): Iterable<string>;
  /** How long an agent's report of this node is served, at least: until its puller has the first rates. */
  leastHeldMs(node: string): number;
  /** The puller that a node is asked of. */
  pullerOf(node: string): string | undefined;
  /** Decides anew; call it every second. */
  look(): void;
}

/** A node's last values stay for so long while another source begins. */
const bridgedMs = 60_000;

/**
 * Joins the decision which nodes are pulled with the pullers that are connected.
 * @returns undefined where none is to be pulled
 */
export function openPulling(config: PullConfig | undefined, parts: PullingParts): Pulling | undefined {
  if (config === undefined) return undefined;
  const { agentPods, agentNodes, isInStep, snapshot, monotonicMs, periodMs } = parts;
  const selector = parseLabelSelector(config.nodeSelector ?? '');
  const agentsReported = new NodesReported({
    ...{ nodes: agentNodes, monotonicMs },
    hasReport: (node) => snapshot.hasReport(node),
  });
  const mayDecide = () => {
    if (isInStep()) agentsReported.watchesInStep();
    return agentsReported.isReached();
  };
  const kubelets = new KubeletAddresses();
  const tries = new PullTries(monotonicMs);
  function* selected(): Generator<string> {
    for (const { name, labels } of snapshot.nodeObjects.runs().flat()) {
      if (matchesLabels(selector, labels.labels)) yield name;
    }
  }
  const nodes = new NodesToPull(config.mode, {
    ...{ mayDecide, monotonicMs, periodMs },
    nodes: selected,
    isReported: (node) => isAgentsReport(snapshot.latest(node), periodMs(), monotonicMs()),
    starting: () => agentPods.starting(),
  });
  let owners = new Map<string, string>();
  const share: PullerStreamsDeps['share'] = (pullers) => {
    if (!nodes.hasDecided) return undefined;
    const wanted = nodes.all().flatMap((name) => kubelets.of(name) ?? []);
    const shares = rendezvousShares(wanted, pullers);
    const before = owners;
    owners = new Map([...shares].flatMap(([puller, its]) => its.map(({ name }) => [name, puller] as const)));
    for (const [node, puller] of owners) {
      const held = before.get(node) === puller ? undefined : snapshot.latest(node);
      if (held !== undefined) bridge(held);
    }
    return shares;
  };
  const pullers = new PullerStreams({ ...parts, share, accept: takePulled({ ...parts, tries }) });
  return {
    ...{ kubelets, nodes, tries, pullers },
    expected: selected,
    leastHeldMs: (node) => (nodes.covers(node) && pullers.all().length > 0 ? bridgedMs : 0),
    pullerOf: (node) => owners.get(node),
    look() {
      nodes.look();
      pullers.look();
    },
  };
}
