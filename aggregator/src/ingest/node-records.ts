import type { StreamFacts } from './agent-stream.ts';
import { ReportPace } from './report-pace.ts';

/** What was known of a node's stream when it ended. */
export interface EndedStream {
  readonly facts: StreamFacts;
  /** By this process's monotonic clock. */
  readonly endedMs: number;
}

/** What is kept of each node from one of its streams to the next. */
export class NodeRecords {
  readonly #paces = new Map<string, ReportPace>();
  readonly #ended = new Map<string, EndedStream>();

  paceOf(node: string): ReportPace {
    const pace = this.#paces.get(node) ?? new ReportPace();
    this.#paces.set(node, pace);
    return pace;
  }

  /** A stream that never reported leaves what is known of the one before. */
  ended(node: string, facts: StreamFacts, endedMs: number): void {
    if (facts.lastReport === undefined && this.#ended.has(node)) return;
    this.#ended.set(node, { facts, endedMs });
  }

  lastOf(node: string): EndedStream | undefined {
    return this.#ended.get(node);
  }

  /** Forgets nodes that are not known any more. */
  forgetNodes(isKnown: (node: string) => boolean): void {
    for (const map of [this.#paces, this.#ended]) {
      for (const node of map.keys()) if (!isKnown(node)) map.delete(node);
    }
  }
}
