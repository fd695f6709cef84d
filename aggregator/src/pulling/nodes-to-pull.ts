import { type HeldReport, silentPeriods } from '../snapshot/held-entry.ts';

/** Which nodes are pulled: those that no agent reports, or all. */
export type PullMode = 'auto' | 'all';

/** What the decision looks at. */
export interface NodesToPullDeps {
  /** The nodes of the cluster that may be pulled. */
  readonly nodes: () => Iterable<string>;
  /** Whether the node's agent has reported within its last three periods. */
  readonly isReported: (node: string) => boolean;
  /** Nodes with an agent's pod that is not running yet, or not ready. */
  readonly starting: () => ReadonlySet<string>;
  /** Whether every agent that runs has had the time to report here. */
  readonly mayDecide: () => boolean;
  readonly periodMs: () => number;
  readonly monotonicMs: () => number;
}

interface KnownNode {
  readonly knownMs: number;
  startingMs: number | undefined;
  isPulled: boolean;
}

/** An agent that is to start has done so by then, or does not: images that cannot be pulled, nodes that refuse its mounts. */
const longestStartMs = 20_000;

/**
 * Which nodes are to be pulled for this replica. A node is, once three periods have brought no report of an agent and none
 * is about to start; and is no more with the next report of an agent. What a replica finds when it begins has been so for
 * long: it waits only for agents that run.
 */
export class NodesToPull {
  readonly #mode: PullMode;
  readonly #deps: NodesToPullDeps;
  #nodes = new Map<string, KnownNode>();
  #hasDecided = false;

  constructor(mode: PullMode, deps: NodesToPullDeps) {
    this.#mode = mode;
    this.#deps = deps;
  }

  /** Whether it is known which they are. */
  get hasDecided(): boolean {
    return this.#hasDecided;
  }

  /** Whether a puller may take this node over. */
  covers(node: string): boolean {
    return this.#nodes.has(node);
  }

  has(node: string): boolean {
    return this.#nodes.get(node)?.isPulled === true;
  }

  all(): readonly string[] {
    return [...this.#nodes].flatMap(([name, { isPulled }]) => (isPulled ? [name] : []));
  }

  /** Decides anew; call it every second. */
  look(): void {
    if (!this.#deps.mayDecide()) return;
    const nowMs = this.#deps.monotonicMs();
    const starting = this.#deps.starting();
    const knownMs = this.#hasDecided ? nowMs : Number.NEGATIVE_INFINITY;
    const nodes = new Map<string, KnownNode>();
    for (const name of this.#deps.nodes()) {
      const node = this.#nodes.get(name) ?? { knownMs, startingMs: undefined, isPulled: false };
      node.startingMs = starting.has(name) ? (node.startingMs ?? nowMs) : undefined;
      node.isPulled = this.#mode === 'all' || (!this.#deps.isReported(name) && this.#mayBegin(node, nowMs));
      nodes.set(name, node);
    }
    this.#nodes = nodes;
    this.#hasDecided = true;
  }

  #mayBegin({ isPulled, knownMs, startingMs }: KnownNode, nowMs: number): boolean {
    if (isPulled) return true;
    const isStarting = startingMs !== undefined && nowMs - startingMs < longestStartMs;
    return !isStarting && nowMs - knownMs >= silentPeriods * this.#deps.periodMs();
  }
}

/** Whether a node's last report is its agent's, and not older than three periods: then no puller is heard. */
export function isAgentsReport(held: HeldReport | undefined, askedPeriodMs: number, nowMs: number): boolean {
  if (held === undefined || held.puller !== undefined) return false;
  return nowMs - held.receivedMs < silentPeriods * Math.max(askedPeriodMs, held.periodMs);
}
