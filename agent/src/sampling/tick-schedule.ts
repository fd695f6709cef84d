/** A rate needs two readings: the second one comes this soon after the first. */
const firstGapMs = 500;
/** A tick that comes so many periods late begins anew: what was counted before is of no use, so the second reading hurries. */
const latePeriods = 3;

/**
 * Calls `tick` at once, again after half a second, then at growing distances (the first windows are short, and so
 * rough) until it is once per period. Ticks keep their phase: one that comes late does not move the later ones, and
 * ticks that were missed altogether are not made up for. After a long time without any, all begins anew.
 */
export class TickSchedule {
  readonly #tick: () => void;
  readonly #nowMs: () => number;
  #periodMs: number;
  #lastDueMs = 0;
  #ticks = 0;
  #timer: NodeJS.Timeout | undefined;

  /** @param nowMs a monotonic clock */
  constructor(tick: () => void, periodMs: number, nowMs: () => number) {
    this.#tick = tick;
    this.#periodMs = periodMs;
    this.#nowMs = nowMs;
  }

  get periodMs(): number {
    return this.#periodMs;
  }

  /** When the next tick is due; in the past when it is late. */
  get nextDueMs(): number {
    return this.#lastDueMs + this.#gapMs();
  }

  start(): void {
    this.#run(this.#nowMs());
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Takes effect at once: the next tick is due one new period after the last one. */
  setPeriod(periodMs: number): void {
    if (periodMs === this.#periodMs) return;
    this.#periodMs = periodMs;
    if (this.#timer !== undefined) this.#arm();
  }

  #run(dueMs: number): void {
    const lateMs = this.#nowMs() - dueMs;
    const isNew = lateMs > latePeriods * this.#periodMs;
    if (isNew) this.#ticks = 0;
    const gapMs = this.#gapMs();
    // Node's timers may run up to a millisecond early: that is not a tick to come again.
    const missed = Math.max(0, Math.floor(lateMs / gapMs));
    this.#lastDueMs = isNew ? dueMs + lateMs : dueMs + missed * gapMs;
    this.#ticks += 1;
    this.#tick();
    this.#arm();
  }

  /** 0.5, 0.5, 1, 2, 4 … seconds, at most the period. */
  #gapMs(): number {
    return Math.min(this.#periodMs, firstGapMs * 2 ** Math.min(30, Math.max(0, this.#ticks - 2)));
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const dueMs = this.nextDueMs;
    this.#timer = setTimeout(() => this.#run(dueMs), Math.max(0, dueMs - this.#nowMs()));
  }
}
