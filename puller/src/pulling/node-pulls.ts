import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeToPull, PulledNode } from '@tacho/proto';
import type { Logger } from 'pino';
import type { Attempt } from '../kubelet/kubelet-connection.ts';
import { flawProblem } from '../kubelet/pull-problem.ts';
import { type Pulled, PulledUsage } from '../usage/pulled-usage.ts';
import type { Places } from './places.ts';
import { nextPullMs } from './pull-phase.ts';

/** A kubelet that can be asked time and again. */
export interface Kubelet {
  pull(node: NodeToPull, signal: AbortSignal): Promise<Attempt>;
  close(): void;
}

/** What pulling needs. */
export interface NodePullsDeps {
  readonly log: Logger;
  readonly openKubelet: () => Kubelet;
  readonly places: Places;
  readonly periodMs: number;
  readonly monotonicMs: () => number;
  readonly random: () => number;
  /** Told after each try, also where there is nothing new. */
  readonly onPulled: (node: PulledNode) => void;
  readonly record: PullRecord;
}

/** Told of each try, for the metrics. */
export interface PullRecord {
  note(attempt: Attempt, tookMs: number): void;
}

/** One node that is pulled. */
class NodePull {
  node: NodeToPull;
  readonly #deps: NodePullsDeps;
  readonly #kubelet: Kubelet;
  readonly #usage = new PulledUsage();
  readonly #stop = new AbortController();
  #said: string | undefined;
  podsLeftOut = 0;
  /** Whether the last try went well; undefined before the first. */
  isWell: boolean | undefined;

  constructor(node: NodeToPull, deps: NodePullsDeps) {
    this.node = node;
    this.#deps = deps;
    this.#kubelet = deps.openKubelet();
  }

  /** Pulls at once and then each period, until it is stopped. Never rejects. */
  async run(): Promise<void> {
    const { monotonicMs, periodMs, places, random } = this.#deps;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const giveBack = await places.take();
      try {
        if (!signal.aborted) await this.#pull();
      } finally {
        giveBack();
      }
      const waitMs = nextPullMs(this.node.name, periodMs, monotonicMs(), random());
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stop.abort();
    this.#kubelet.close();
  }

  async #pull(): Promise<void> {
    const { log, monotonicMs, onPulled, periodMs, record } = this.#deps;
    const beginMs = monotonicMs();
    const attempt = await this.#kubelet.pull(this.node, this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    const nodeName = this.node.name;
    const pulled = this.#take(attempt, periodMs);
    const problem = attempt.problem ?? (attempt.answer && flawProblem(attempt.url, attempt.answer.readings));
    this.isWell = attempt.problem === undefined;
    record.note(attempt, monotonicMs() - beginMs);
    const sentence = this.isWell ? 'a part of what a kubelet says cannot be used' : 'kubelet cannot be read';
    const saying = problem && `${sentence}: ${problem.reason}`;
    // Once for each other reason: a node that is away says the same all day.
    if (saying !== undefined && saying !== this.#said) log.warn({ node: nodeName, ...problem }, sentence);
    if (saying === undefined && this.#said !== undefined)
      log.info({ node: nodeName }, 'kubelet is read again');
    this.#said = saying;
    onPulled({
      nodeName,
      ...(pulled?.report === undefined ? {} : { report: pulled.report }),
      ...(problem === undefined ? {} : { problem: { reason: problem.reason, message: problem.message } }),
    });
  }

  #take({ answer }: Attempt, periodMs: number): Pulled | undefined {
    if (answer === undefined) return undefined;
    const pulled = this.#usage.take(answer.readings, answer.exchange, periodMs);
    this.podsLeftOut = pulled.podsLeftOut;
    return pulled;
  }
}

/** The nodes that are pulled, each in a loop of its own: a kubelet that hangs ages its node alone. */
export class NodePulls {
  readonly #deps: NodePullsDeps;
  readonly #pulls = new Map<string, NodePull>();

  constructor(deps: NodePullsDeps) {
    this.#deps = deps;
  }

  /** Pulls these from now on, and no others. @returns those that it has let go */
  want(nodes: ReadonlyMap<string, NodeToPull>): readonly string[] {
    const gone = [...this.#pulls.keys()].filter((name) => !nodes.has(name));
    for (const name of gone) {
      this.#pulls.get(name)?.stop();
      this.#pulls.delete(name);
    }
    for (const [name, node] of nodes) {
      const pull = this.#pulls.get(name);
      if (pull !== undefined) pull.node = node;
      else {
        const begun = new NodePull(node, this.#deps);
        this.#pulls.set(name, begun);
        void begun.run();
      }
    }
    return gone;
  }

  /** How many there are, how many could be read when they were last tried, and how many of their pods have no figures. */
  counts(): { readonly nodes: number; readonly well: number; readonly podsLeftOut: number } {
    const all = [...this.#pulls.values()];
    return {
      nodes: all.length,
      well: all.filter(({ isWell }) => isWell).length,
      podsLeftOut: all.reduce((sum, { podsLeftOut }) => sum + podsLeftOut, 0),
    };
  }
}
