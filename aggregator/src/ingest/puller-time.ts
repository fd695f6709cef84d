import { AgentClock } from './agent-clock.ts';
import { Echoes } from './echoes.ts';
import type { TimeFacts } from './stream-time.ts';

/**
 * The time of a puller's stream. What it reports was sampled by kubelets some seconds ago, so arrivals say nothing of its
 * clock: only echoes do.
 */
export class PullerTime {
  readonly #clock = new AgentClock();
  readonly #echoes = new Echoes();

  /** Whether instants can be placed. */
  get isKnown(): boolean {
    return Number.isFinite(this.#clock.uncertaintyMs);
  }

  /** An instant of the puller's clock on this process's; none is in the future. */
  place(usec: number, arrivedMs: number): number {
    return Math.min(arrivedMs, this.#clock.toLocalMs(usec));
  }

  /** Whether an echo is to be sent now. @param asSign to hear whether the puller is there */
  isEchoDue(asSign: boolean, nowMs: number): boolean {
    if (asSign && !this.#echoes.isAwaited) return true;
    return this.#echoes.isDue(this.#clock.recentUncertaintyMs, 0, nowMs);
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

  /** As of an agent's stream. */
  facts(): Pick<TimeFacts, 'offsetMs' | 'roundTripMs'> {
    const { offsetMs, uncertaintyMs } = this.#clock;
    const finite = (value: number) => (Number.isFinite(value) ? value : undefined);
    return { offsetMs: finite(offsetMs), roundTripMs: finite(2 * uncertaintyMs) };
  }
}
