import type { NodesToPull, PulledNode } from '@tacho/proto';
import type { Outbox } from '../../../push/src/outbox.ts';

/** An older report says nothing of the present to whoever has not had it. */
const oldestUsec = 60_000_000;

/** The latest of one node. */
interface Told {
  /** What the last try has brought: for whoever knows the one before. */
  news: PulledNode;
  /** The last report with the last problem: for whoever does not. */
  whole: PulledNode;
  tries: number;
}

/**
 * What is known of each node, and what each replica is still to be told of those that it asked for. A replica that was told
 * everything so far gets what is new; one that has missed a try gets the last report with it.
 */
export class PulledNodes {
  readonly #nodes = new Map<string, Told>();
  readonly #monotonicUsec: () => number;
  readonly #asked = new Map<string, { names: ReadonlySet<string>; readonly pending: Set<string> }>();

  constructor(monotonicUsec: () => number) {
    this.#monotonicUsec = monotonicUsec;
  }

  /** Takes what a try has brought. */
  put(news: PulledNode): void {
    const before = this.#nodes.get(news.nodeName);
    const report = news.report ?? before?.whole.report;
    const whole = report === news.report ? news : { ...news, ...(report === undefined ? {} : { report }) };
    this.#nodes.set(news.nodeName, { news, whole, tries: (before?.tries ?? 0) + 1 });
    for (const { names, pending } of this.#asked.values()) {
      if (names.has(news.nodeName)) pending.add(news.nodeName);
    }
  }

  /** Nobody asks for it any more. */
  forget(node: string): void {
    this.#nodes.delete(node);
  }

  /** A replica says what it asks for, on the stream that it has now. */
  ask(address: string, { nodes }: NodesToPull): void {
    const asked = this.#asked.get(address);
    if (asked === undefined) return;
    const before = asked.names;
    asked.names = new Set(nodes.map(({ name }) => name));
    for (const name of asked.names) if (!before.has(name) && this.#nodes.has(name)) asked.pending.add(name);
    for (const name of asked.pending) if (!asked.names.has(name)) asked.pending.delete(name);
  }

  /** Only these are told anything from now on. */
  keepReplicas(addresses: ReadonlySet<string>): void {
    for (const address of this.#asked.keys()) if (!addresses.has(address)) this.#asked.delete(address);
  }

  /** For the replica at this address. */
  outbox(address: string): Outbox {
    const asked = { names: new Set<string>() as ReadonlySet<string>, pending: new Set<string>() };
    this.#asked.set(address, asked);
    let told = new Map<string, number>();
    return {
      begin() {
        // Which nodes it asks for, it has yet to say on this stream.
        asked.names = new Set();
        asked.pending.clear();
        told = new Map();
      },
      next: () => {
        for (const name of asked.pending) {
          asked.pending.delete(name);
          const node = this.#nodes.get(name);
          if (node === undefined) continue;
          const isNext = told.get(name) === node.tries - 1;
          told.set(name, node.tries);
          return { pulledNode: isNext ? node.news : this.#whole(node) };
        }
        return undefined;
      },
    };
  }

  #whole({ news, whole }: Told): PulledNode {
    const sampledUsec = whole.report?.sampleMonotonicUsec ?? 0;
    return this.#monotonicUsec() - sampledUsec > oldestUsec ? news : whole;
  }
}
