import { AgentClock } from './agent-clock.ts';
import { Echoes } from './echoes.ts';

/** What is known of a sender's clock. */
export interface ClockFacts {
  /** This process's clock minus the sender's. */
  readonly offsetMs: number | undefined;
  /** The shortest way there and back of the last minutes. */
  readonly roundTripMs: number | undefined;
}

/** A sender's clock, and the echoes that measure the way to it. */
export class EchoedClock {
  readonly clock = new AgentClock();
  readonly #echoes = new Echoes();

  /** Whether a reply is to come. */
  get isAwaited(): boolean {
    return this.#echoes.isAwaited;
  }

  /** Whether an echo is to be sent. @param ageMs of the sample that has come; 0 where none has */
  isDue(ageMs: number, nowMs: number): boolean {
    return this.#echoes.isDue(this.clock.recentUncertaintyMs, ageMs, nowMs);
  }

  /** @returns the nonce of an echo that is sent now */
  send(nowMs: number): number {
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
    const hasJumped = this.clock.observeEcho(usec, sentMs, nowMs);
    return { hasJumped, askAgain: this.#echoes.isDueAgain(this.clock.recentUncertaintyMs) };
  }

  facts(): ClockFacts {
    const { offsetMs, uncertaintyMs } = this.clock;
    return { offsetMs: finite(offsetMs), roundTripMs: finite(2 * uncertaintyMs) };
  }
}

/** Undefined for what is not known yet. */
export function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
