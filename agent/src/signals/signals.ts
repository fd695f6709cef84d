import type { SignalReader } from 'node-cgroup-stats';
import { SignalRound, type SignalTargets } from './signal-round.ts';
import type { ContainerSignals, NodeSignals, PodSignals } from './signal-values.ts';

/** What reading signals needs. */
export interface SignalsDeps {
  readonly reader: SignalReader;
  readonly monotonicUsec: () => number;
  /** Calls back after a delay. @returns what prevents that */
  readonly later: (run: () => void, delayMs: number) => () => void;
  /** When the next tick is due, on the monotonic clock; in the past when it is late. */
  readonly nextTickUsec: () => number;
  /** The cgroups that exist now. */
  readonly targets: () => SignalTargets;
}

/** A round is begun this often. */
const everyUsec = 15_000_000;
/** Somebody who has asked is taken to look for this long. */
const lookUsec = 60_000_000;
/** How long one slice may take. */
const sliceUsec = 2_000;
/** No slice begins this short before a tick. */
const beforeTickUsec = 50_000;
/** The first round hurries, since somebody waits for it; later ones take their time. */
const shortestGapMs = 10;
const longestGapMs = 250;
/** How much of the time between two rounds a round is spread over. */
const spread = 0.8;

/**
 * Limits, throttling, pressure and the like: read seldom, in slices of at most 2 ms that keep clear of the ticks, and only
 * while somebody looks. Nothing is lost meanwhile: what could be missed, throttling and OOM kills, is counted by the kernel.
 */
export class Signals {
  readonly #deps: SignalsDeps;
  #lookedAtUsec = Number.NEGATIVE_INFINITY;
  #begunAtUsec = 0;
  #gapMs = shortestGapMs;
  #slices = 0;
  #round: SignalRound | undefined;
  #last: SignalRound | undefined;
  #cancel: (() => void) | undefined;

  constructor(deps: SignalsDeps) {
    this.#deps = deps;
  }

  /** Somebody looks: reading begins soon, and goes on for a minute. */
  look(): void {
    this.#lookedAtUsec = this.#deps.monotonicUsec();
    if (this.#cancel === undefined) this.#arm(0);
  }

  /** @param path of the container's cgroup. @returns undefined before it was read */
  container(path: string): ContainerSignals | undefined {
    return this.#round?.containers.get(path) ?? this.#last?.containers.get(path);
  }

  /** @param path of the pod's cgroup. @returns undefined before it was read */
  pod(path: string): PodSignals | undefined {
    return this.#round?.pods.get(path) ?? this.#last?.pods.get(path);
  }

  /** Undefined before the node was read. */
  get node(): NodeSignals | undefined {
    return this.#round?.node ?? this.#last?.node;
  }

  /** Stops, and forgets what was read. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#round = undefined;
    this.#last = undefined;
    this.#gapMs = shortestGapMs;
  }

  #arm(delayMs: number): void {
    this.#cancel = this.#deps.later(() => this.#slice(), delayMs);
  }

  #slice(): void {
    const nowUsec = this.#deps.monotonicUsec();
    const tickInUsec = this.#deps.nextTickUsec() - nowUsec;
    if (tickInUsec < beforeTickUsec) {
      // The tick's own timer comes first where it is due; where it is late, it is let through.
      this.#arm(Math.max(0, tickInUsec / 1000) + shortestGapMs);
      return;
    }
    const round = this.#round ?? this.#begin(nowUsec);
    if (round === undefined) return;
    this.#slices += 1;
    if (round.run(nowUsec + sliceUsec)) this.#end(round);
    else this.#arm(this.#gapMs);
  }

  #begin(nowUsec: number): SignalRound | undefined {
    if (nowUsec - this.#lookedAtUsec > lookUsec) {
      this.close();
      return undefined;
    }
    this.#begunAtUsec = nowUsec;
    this.#slices = 0;
    const { reader, monotonicUsec, targets } = this.#deps;
    this.#round = new SignalRound({ reader, monotonicUsec }, targets(), this.#last);
    return this.#round;
  }

  #end(round: SignalRound): void {
    this.#last = round;
    this.#round = undefined;
    const gapMs = (everyUsec * spread) / 1000 / this.#slices;
    this.#gapMs = Math.min(Math.max(gapMs, shortestGapMs), longestGapMs);
    const untilNextUsec = this.#begunAtUsec + everyUsec - this.#deps.monotonicUsec();
    this.#arm(Math.max(shortestGapMs, untilNextUsec / 1000));
  }
}
