import { EchoedClock } from './echoed-clock.ts';

/**
 * The time of a puller's stream. What it reports was sampled by kubelets some seconds ago, so arrivals say nothing of its
 * clock: only echoes do.
 */
export class PullerTime {
  readonly echoed = new EchoedClock();

  /** Whether instants can be placed. */
  get isKnown(): boolean {
    return Number.isFinite(this.echoed.clock.uncertaintyMs);
  }

  /** An instant of the puller's clock on this process's; none is in the future. */
  place(usec: number, arrivedMs: number): number {
    return Math.min(arrivedMs, this.echoed.clock.toLocalMs(usec));
  }

  /** Whether an echo is to be sent now. @param asSign to hear whether the puller is there */
  isEchoDue(asSign: boolean, nowMs: number): boolean {
    return (asSign && !this.echoed.isAwaited) || this.echoed.isDue(0, nowMs);
  }
}
