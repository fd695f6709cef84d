/** What the check looks at. */
export interface NodesReportedDeps {
  /** Nodes whose agent runs, as the watch tells, and those that a puller may read instead. */
  readonly nodes: () => Iterable<string>;
  readonly hasReport: (node: string) => boolean;
  readonly monotonicMs: () => number;
}

/** A node whose agent cannot reach this replica, or whose kubelet no puller, must not keep it from serving the others. */
const longestWaitMs = 30_000;

/**
 * A readiness check: whether every node that should be reported has been, to this replica, so that reads which are sent here
 * miss nobody. Holds in any case 30 s after the watches came into step, and once true for good: a replica that
 * serves must not leave for one node's sake.
 */
export class NodesReported {
  readonly #deps: NodesReportedDeps;
  #inStepMs: number | undefined;
  #reached = false;

  constructor(deps: NodesReportedDeps) {
    this.#deps = deps;
  }

  /** To be called once the watches are in step: before, nobody knows which nodes there are. */
  watchesInStep(): void {
    this.#inStepMs ??= this.#deps.monotonicMs();
  }

  isReached(): boolean {
    if (!this.#reached && this.#inStepMs !== undefined) {
      const { nodes, hasReport, monotonicMs } = this.#deps;
      this.#reached = monotonicMs() - this.#inStepMs >= longestWaitMs || [...nodes()].every(hasReport);
    }
    return this.#reached;
  }
}
