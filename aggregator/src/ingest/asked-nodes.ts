import type { NodeToPull } from '@tacho/proto';
import { noNames, type ReportNames } from '../snapshot/report-names.ts';
import type { RefusalReason } from './refusal-reasons.ts';
import { ReportPace } from './report-pace.ts';
import { SampleOrder } from './sample-order.ts';

interface AskedNode {
  readonly pace: ReportPace;
  readonly order: SampleOrder;
  names: ReportNames;
  lastUsec: number;
  /** Since when it is asked for no more. */
  withdrawnMs: number | undefined;
}

/** What was on its way when a node was taken from a puller has come by then. */
const withdrawnForMs = 60_000;
/** How often a kubelet is asked at the most: pullers have a period of their own. */
const shortestPeriodMs = 1_000;

/** The nodes that one puller is asked for, with what is kept of each from one report to the next. */
export class AskedNodes {
  readonly #nodes = new Map<string, AskedNode>();

  /** It is asked for these from now on, and for no others. */
  set(nodes: readonly NodeToPull[], nowMs: number): void {
    const names = new Set(nodes.map(({ name }) => name));
    for (const [name, node] of this.#nodes) {
      if (names.has(name)) continue;
      node.withdrawnMs ??= nowMs;
      if (nowMs - node.withdrawnMs >= withdrawnForMs) this.#nodes.delete(name);
    }
    for (const name of names) {
      const node = this.#nodes.get(name);
      if (node?.withdrawnMs === undefined && node !== undefined) continue;
      const fresh = { order: new SampleOrder(), names: noNames, lastUsec: -1, withdrawnMs: undefined };
      this.#nodes.set(name, { ...fresh, pace: node?.pace ?? new ReportPace() });
    }
  }

  /** Whether it is asked for this node, or was a moment ago. */
  has(name: string): boolean {
    return this.#nodes.has(name);
  }

  /** The names that the node's last report gave. */
  namesOf(name: string): ReportNames {
    return this.#nodes.get(name)?.names ?? noNames;
  }

  /** Why nothing may be said of this node now; undefined where it may. */
  refusalOf(name: string, nowMs: number): RefusalReason | undefined {
    const node = this.#nodes.get(name);
    if (node === undefined) return 'pulled node that the puller was not asked for';
    if (node.withdrawnMs !== undefined) {
      return nowMs - node.withdrawnMs < withdrawnForMs
        ? 'pulled node that the puller is asked for no more'
        : 'pulled node that the puller was not asked for';
    }
    return node.pace.take(nowMs, shortestPeriodMs) ? undefined : 'report earlier than agreed';
  }

  /** Notes a report of a node that it is asked for. @returns why it does not count; one of the same instant does */
  follow(name: string, names: ReportNames, instantUsec: number): RefusalReason | undefined {
    const node = this.#nodes.get(name);
    if (node === undefined) return 'pulled node that the puller was not asked for';
    node.names = names;
    // A kubelet whose clock was set goes on from there; the puller's own clock has nothing to do with it.
    if (instantUsec !== node.lastUsec && node.order.judge(instantUsec) === 'replayed')
      return 'report of an instant that was reported before';
    node.lastUsec = instantUsec;
    return undefined;
  }
}
