import { AgentClock } from './agent-clock.ts';
import { Echoes } from './echoes.ts';
import { SampleOrder } from './sample-order.ts';

/** What is known of a stream's time; instants by this process's monotonic clock. */
export interface TimeFacts {
  readonly lastReport:
    | {
        readonly arrivedMs: number;
        /** As the clocks are known now. */
        readonly sampledMs: number;
        /** From the sample before to this one. */
        readonly periodMs: number | undefined;
      }
    | undefined;
  /** This process's clock minus the agent's. */
  readonly offsetMs: number | undefined;
  /** The shortest way there and back of the last minutes. */
  readonly roundTripMs: number | undefined;
}

/** What becomes of a sample's instant. */
export interface Placed {
  readonly sampledMs: number;
  /** Whether the agent's clock has jumped: what was known of it before is forgotten. */
  readonly hasJumped: boolean;
}

/** The time of one stream: when its samples were taken, and when to measure the way. */
export class StreamTime {
  readonly #clock = new AgentClock();
  readonly #echoes = new Echoes();
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
    if (order === 'set back') this.#clock.restart();
    const hasJumped = this.#clock.observe(usec, arrivedMs) || order === 'set back';
    this.#last = { arrivedMs, usec, beforeUsec: this.#last?.usec ?? Number.NaN };
    return { sampledMs: Math.min(arrivedMs, this.#clock.toLocalMs(usec)), hasJumped };
  }

  /** Whether an echo is to be sent, now that a report of this age has come. */
  isEchoDue(ageMs: number, nowMs: number): boolean {
    return this.#echoes.isDue(this.#clock.recentUncertaintyMs, ageMs, nowMs);
  }

  /** @returns the nonce of an echo that is sent now */
  echo(nowMs: number): number {
    return this.#echoes.send(nowMs);
  }

  /** Takes the reply to an echo; undefined where none was asked for. */
  reply(
    nonce: number,
    usec: number,
    nowMs: number,
  ): { readonly hasJumped: boolean; readonly askAgain: boolean } | undefined {
    const sentMs = Number.isSafeInteger(usec) && usec >= 0 ? this.#echoes.reply(nonce) : undefined;
    if (sentMs === undefined) return undefined;
    if (sentMs === 'late') return { hasJumped: false, askAgain: false };
    const hasJumped = this.#clock.observeEcho(usec, sentMs, nowMs);
    return { hasJumped, askAgain: this.#echoes.isDueAgain(this.#clock.recentUncertaintyMs) };
  }

  facts(): TimeFacts {
    const [last, clock] = [this.#last, this.#clock];
    const finite = (value: number) => (Number.isFinite(value) ? value : undefined);
    return {
      lastReport: last && {
        arrivedMs: last.arrivedMs,
        sampledMs: clock.toLocalMs(last.usec),
        periodMs: finite((last.usec - last.beforeUsec) / 1000),
      },
      offsetMs: finite(clock.offsetMs),
      roundTripMs: finite(2 * clock.uncertaintyMs),
    };
  }
}
