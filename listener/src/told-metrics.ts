import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** Seldom: each is a wake-up, from the first scrape on. */
const eventLoopResolutionMs = 500;

/** prom-client lists the process's descriptors for each text, and nothing bounds how often somebody asks. */
const keptUsec = 1_000_000;

/** A program's own metrics, looked at when somebody scrapes. A text younger than a second is told again. */
export class ToldMetrics<Facts> {
  readonly #register = new Registry();
  readonly #facts: () => Facts;
  readonly #monotonicUsec: () => number;
  /** Looked at once for a text, not once for each of its metrics. */
  #shown: Facts;
  #kept: { readonly text: Promise<string>; readonly madeUsec: number } | undefined;

  constructor(facts: () => Facts, monotonicUsec: () => number) {
    this.#facts = facts;
    this.#monotonicUsec = monotonicUsec;
    this.#shown = facts();
  }

  gauge(name: string, help: string, read: (facts: Facts) => number): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, registers: [this.#register] },
      collect: () => gauge.set(read(this.#shown)),
    });
  }

  counter(name: string, help: string, read: (facts: Facts) => number): void {
    const counter: Counter = new Counter({
      ...{ name, help, registers: [this.#register] },
      collect: () => {
        counter.reset();
        counter.inc(read(this.#shown));
      },
    });
  }

  /** One counter for each value of a label. */
  counters(
    name: string,
    help: string,
    label: string,
    read: (facts: Facts) => ReadonlyMap<string, number>,
  ): void {
    const counter: Counter = new Counter({
      ...{ name, help, labelNames: [label], registers: [this.#register] },
      collect: () => {
        counter.reset();
        for (const [value, count] of read(this.#shown)) counter.inc({ [label]: value }, count);
      },
    });
  }

  /** Always 1, with what there is to know in its labels. */
  info(name: string, labelNames: readonly string[], read: (facts: Facts) => Record<string, string>): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help: 'Always 1.', labelNames: [...labelNames], registers: [this.#register] },
      collect: () => gauge.set(read(this.#shown), 1),
    });
  }

  /** Those of the process as prom-client names them. */
  ofProcess(): this {
    collectDefaultMetrics({ register: this.#register, eventLoopMonitoringPrecision: eventLoopResolutionMs });
    return this;
  }

  text(): Promise<string> {
    const nowUsec = this.#monotonicUsec();
    if (this.#kept === undefined || nowUsec - this.#kept.madeUsec >= keptUsec) {
      this.#shown = this.#facts();
      this.#kept = { text: this.#register.metrics(), madeUsec: nowUsec };
    }
    return this.#kept.text;
  }
}
