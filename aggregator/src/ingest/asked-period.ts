import { performance } from 'node:perf_hooks';
import type { Directive } from '@tacho/proto';
import type { Logger } from 'pino';
import { StretchedPeriod } from './stretched-period.ts';

/** What the asked period needs. */
export interface AskedPeriodDeps {
  readonly log: Logger;
  readonly monotonicMs: () => number;
  /** How much of the time since it was last asked the event loop worked, 0 to 1. */
  readonly busy: () => number;
  /** Tells the agents. */
  readonly changed: () => void;
}

/** How often this replica asks agents to report. */
export class AskedPeriod {
  readonly #deps: AskedPeriodDeps;
  readonly #usual: { readonly periodMs: number; readonly windowMs: number };
  readonly #stretched: StretchedPeriod;

  /** @param usual what is asked for as long as all is well */
  constructor(deps: AskedPeriodDeps, usual: { readonly periodMs: number; readonly windowMs: number }) {
    this.#deps = deps;
    this.#usual = usual;
    this.#stretched = new StretchedPeriod(usual.periodMs);
  }

  get periodMs(): number {
    return this.#stretched.periodMs;
  }

  /** As it was set. */
  get usualPeriodMs(): number {
    return this.#usual.periodMs;
  }

  /** What every agent is told now; a window is never shorter than the period. */
  directive(peers: Iterable<string>): Directive {
    const windowMs = Math.max(this.#usual.windowMs, this.periodMs);
    return { periodUsec: this.periodMs * 1000, windowUsec: windowMs * 1000, peers: [...peers] };
  }

  /** Looks whether this process keeps up; call it every second. */
  look(): void {
    const { busy, changed, log, monotonicMs } = this.#deps;
    const share = busy();
    const beforeMs = this.periodMs;
    if (!this.#stretched.observe(share, monotonicMs())) return;
    const said = {
      periodMs: this.periodMs,
      usualMs: this.#usual.periodMs,
      busy: Math.round(share * 100) / 100,
    };
    if (this.periodMs > beforeMs) {
      log.warn(
        said,
        'cannot keep up, asking agents to report less often: give the aggregator more CPU, or raise --metric-resolution',
      );
    } else log.info(said, 'calm again, asking agents to report more often');
    changed();
  }
}

/** How much of the time since the last call the event loop worked, 0 to 1. */
export function eventLoopBusy(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}
