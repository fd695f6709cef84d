import { type ClockFacts, EchoedClock, finite } from './echoed-clock.ts';
import { SampleOrder } from './sample-order.ts';

/** What is known of a stream's time; instants by this process's monotonic clock. */
export interface TimeFacts extends ClockFacts {
  readonly lastReport:
    | {
        readonly arrivedMs: number;
        /** As the clocks are known now. */
        readonly sampledMs: number;
        /** From the sample before to this one. */
        readonly periodMs: number | undefined;
      }
    | undefined;
}

/** What becomes of a sample's instant. */
export interface Placed {
  readonly sampledMs: number;
  /** Whether the agent's clock has jumped: what was known of it before is forgotten. */
  readonly hasJumped: boolean;
}

/** The time of an agent's stream: when its samples were taken, and when to measure the way. */
export class StreamTime {
  readonly echoed = new EchoedClock();
  readonly #order = new SampleOrder();
  #last: { readonly arrivedMs: number; readonly usec: number; readonly beforeUsec: number } | undefined;

  /** Whether a report has come. */
  get hasBegun(): boolean {
    return this.#last !== undefined;
  }

  /** Places a sample; undefined where its instant was reported before. */
  place(usec: number, arrivedMs: number): Placed | undefined {
    const order = this.#order.judge(usec);
    if (order === 'replayed') return undefined;
    if (order === 'set back') this.echoed.clock.restart();
    const hasJumped = this.echoed.clock.observe(usec, arrivedMs) || order === 'set back';
    this.#last = { arrivedMs, usec, beforeUsec: this.#last?.usec ?? Number.NaN };
    return { sampledMs: Math.min(arrivedMs, this.echoed.clock.toLocalMs(usec)), hasJumped };
  }

  facts(): TimeFacts {
    const last = this.#last;
    return {
      lastReport: last && {
        arrivedMs: last.arrivedMs,
        sampledMs: this.echoed.clock.toLocalMs(last.usec),
        periodMs: finite((last.usec - last.beforeUsec) / 1000),
      },
      ...this.echoed.facts(),
    };
  }
}
