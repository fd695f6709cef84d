import type { NodesToPull, NodeToPull } from '@tacho/proto';

/**
 * How long a replica's wishes outlive its stream: it may just be restarting, at another address too and not yet ready to say
 * what it wishes, and a node that is let go loses its rates.
 */
const keptUsec = 60_000_000;

/** Where a replica's stream stands, as `Replicas.state()` says. */
export interface StreamStatus {
  readonly address: string;
  readonly connected: boolean;
}

interface Wish {
  readonly nodes: readonly NodeToPull[];
  /** When its stream was last known to be open. */
  openUsec: number;
}

/** All nodes that some replica asks for. Instants are of the monotonic clock. */
export class WantedNodes {
  readonly #byReplica = new Map<string, Wish>();

  ask(address: string, { nodes }: NodesToPull, nowUsec: number): void {
    this.#byReplica.set(address, { nodes, openUsec: nowUsec });
  }

  /** By name, without the wishes of replicas that have been gone for long. Call it every few seconds. */
  all(streams: readonly StreamStatus[], nowUsec: number): ReadonlyMap<string, NodeToPull> {
    const open = new Set(streams.filter(({ connected }) => connected).map(({ address }) => address));
    const wanted = new Map<string, NodeToPull>();
    for (const [address, wish] of this.#byReplica) {
      if (open.has(address)) wish.openUsec = nowUsec;
      if (nowUsec - wish.openUsec > keptUsec) this.#byReplica.delete(address);
      else for (const node of wish.nodes) wanted.set(node.name, node);
    }
    return wanted;
  }
}
