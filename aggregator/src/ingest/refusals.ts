import type { Logger } from 'pino';
import { type RefusalClass, type RefusalReason, refusalClasses } from './refusal-reasons.ts';

const logEveryMs = 60_000;
/** How many nodes are named for one reason in that time. */
const mostLoggedNodes = 8;

/** Whom a refusal is about. */
export interface RefusalDetail {
  readonly node?: string;
  readonly puller?: string;
  readonly peer?: string;
  readonly why?: string;
}

/** How often something was refused since the start. */
export interface RefusalCount {
  readonly reason: RefusalReason;
  readonly class: RefusalClass;
  readonly count: number;
}

/** How often something of one node was refused since it is known, and when last by the monotonic clock. */
export interface NodeRefusal extends RefusalCount {
  readonly lastMs: number;
}

/**
 * Counts what was refused, by reason, and logs each reason with the nodes' names at a bounded rate: a peer that
 * lies must be seen, but must not fill the disk. What is benign is logged at debug only.
 */
export class Refusals {
  readonly #log: Logger;
  readonly #monotonicMs: () => number;
  readonly #counts = new Map<RefusalReason, number>();
  readonly #nodes = new Map<string, Map<RefusalReason, { count: number; lastMs: number }>>();
  readonly #logged = new Map<RefusalReason, { readonly sinceMs: number; readonly nodes: Set<unknown> }>();
  #reports = 0;

  constructor(log: Logger, monotonicMs: () => number) {
    this.#log = log;
    this.#monotonicMs = monotonicMs;
  }

  /** @param times how many things were refused at once for the same reason */
  add(reason: RefusalReason, detail: RefusalDetail, times = 1): void {
    const count = (this.#counts.get(reason) ?? 0) + times;
    this.#counts.set(reason, count);
    const nowMs = this.#monotonicMs();
    if (detail.node !== undefined) this.#addToNode(detail.node, reason, times, nowMs);
    if (!this.#mayLog(reason, detail.node, nowMs)) return;
    const its: RefusalClass = refusalClasses[reason];
    const level = its === 'benign' ? 'debug' : 'warn';
    this.#log[level]({ ...detail, reason, class: its, count }, 'refused something an agent sent');
  }

  /** Of a report nothing could be used. */
  addReport(reason: RefusalReason, detail: RefusalDetail): void {
    this.#reports += 1;
    this.add(reason, detail);
  }

  /** How many whole reports were refused since the start. */
  get reports(): number {
    return this.#reports;
  }

  counts(): readonly RefusalCount[] {
    return [...this.#counts].map(([reason, count]) => ({ reason, class: refusalClasses[reason], count }));
  }

  ofNode(node: string): readonly NodeRefusal[] {
    return [...(this.#nodes.get(node) ?? [])].map(([reason, counted]) => ({
      reason,
      class: refusalClasses[reason],
      ...counted,
    }));
  }

  /** Forgets what is kept of single nodes that are not known any more. */
  forgetNodes(isKnown: (node: string) => boolean): void {
    for (const node of this.#nodes.keys()) if (!isKnown(node)) this.#nodes.delete(node);
  }

  #addToNode(node: string, reason: RefusalReason, times: number, lastMs: number): void {
    const reasons = this.#nodes.get(node) ?? new Map<RefusalReason, { count: number; lastMs: number }>();
    this.#nodes.set(node, reasons);
    reasons.set(reason, { count: (reasons.get(reason)?.count ?? 0) + times, lastMs });
  }

  #mayLog(reason: RefusalReason, node: string | undefined, nowMs: number): boolean {
    let logged = this.#logged.get(reason);
    if (logged === undefined || nowMs - logged.sinceMs >= logEveryMs) {
      logged = { sinceMs: nowMs, nodes: new Set() };
      this.#logged.set(reason, logged);
    }
    if (logged.nodes.has(node) || logged.nodes.size >= mostLoggedNodes) return false;
    logged.nodes.add(node);
    return true;
  }
}
