import { type PullReason, pullReasons } from '@tacho/proto';
import type { ToldProblem } from '../snapshot/pulled-node-reader.ts';

/** Of a closed list, fit for a label; `other` is whatever this version does not know. */
export type PullProblemReason = PullReason | 'other';

/** How the tries to read a node go; instants by this process's monotonic clock. */
export interface NodeTries {
  readonly lastMs: number;
  /** Of the last one that went well. */
  readonly wellMs: number | undefined;
  readonly problem:
    | { readonly reason: PullProblemReason; readonly message: string; readonly sinceMs: number }
    | undefined;
}

/** What pullers say of their tries to read each node. */
export class PullTries {
  readonly #monotonicMs: () => number;
  readonly #nodes = new Map<string, NodeTries>();
  readonly #problems = new Map<PullProblemReason, number>();

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  note(node: string, told: ToldProblem | undefined): void {
    const lastMs = this.#monotonicMs();
    const before = this.#nodes.get(node);
    if (told === undefined) {
      this.#nodes.set(node, { lastMs, wellMs: lastMs, problem: undefined });
      return;
    }
    const reason: PullProblemReason = pullReasons.find((each) => each === told.reason) ?? 'other';
    this.#problems.set(reason, (this.#problems.get(reason) ?? 0) + 1);
    const sinceMs = before?.problem?.sinceMs ?? lastMs;
    const problem = { reason, message: told.message, sinceMs };
    this.#nodes.set(node, { lastMs, wellMs: before?.wellMs, problem });
  }

  ofNode(node: string): NodeTries | undefined {
    return this.#nodes.get(node);
  }

  /** Tries that failed since the start. */
  problems(): readonly { readonly reason: PullProblemReason; readonly count: number }[] {
    return [...this.#problems].map(([reason, count]) => ({ reason, count }));
  }

  forgetNodes(isKnown: (node: string) => boolean): void {
    for (const node of this.#nodes.keys()) if (!isKnown(node)) this.#nodes.delete(node);
  }
}
