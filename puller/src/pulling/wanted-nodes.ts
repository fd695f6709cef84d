import type { NodesToPull, NodeToPull } from '@tacho/proto';

/** How long a replica's wishes outlive its stream: it may just be restarting, and a node that is let go loses its rates. */
const keptUsec = 60_000_000;

/** Where a replica's stream stands, as `Replicas.state()` says. */
export interface StreamStatus {
  readonly address: string;
  readonly connected: boolean;
  /** Since when, on the monotonic clock. */
  readonly sinceUsec: number;
}

/** All nodes that some replica asks for. */
export class WantedNodes {
  readonly #byReplica = new Map<string, readonly NodeToPull[]>();

  ask(address: string, { nodes }: NodesToPull): void {
    this.#byReplica.set(address, nodes);
  }

  /** By name, without the wishes of replicas that have gone. */
  all(streams: readonly StreamStatus[], nowUsec: number): ReadonlyMap<string, NodeToPull> {
    const known = new Map(streams.map((stream) => [stream.address, stream]));
    const wanted = new Map<string, NodeToPull>();
    for (const [address, nodes] of this.#byReplica) {
      const stream = known.get(address);
      if (stream === undefined || (!stream.connected && nowUsec - stream.sinceUsec > keptUsec)) {
        this.#byReplica.delete(address);
      } else for (const node of nodes) wanted.set(node.name, node);
    }
    return wanted;
  }
}
