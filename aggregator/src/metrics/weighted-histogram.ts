import type { Metric, Registry } from 'prom-client';

/** What a histogram is called and how it is divided. */
export interface HistogramOptions {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, ascending, without +Inf. */
  readonly buckets: readonly number[];
}

/**
 * A histogram without labels that takes many equal observations at once. A list of 150,000 pods holds as many
 * ages, but only as many different ones as there are nodes; prom-client's own takes one at a time.
 */
export class WeightedHistogram {
  readonly #options: HistogramOptions;
  /** One more than there are bounds: the last is +Inf. */
  readonly #counts: number[];
  #sum = 0;

  constructor(register: Registry, options: HistogramOptions) {
    this.#options = options;
    this.#counts = [...options.buckets, Number.POSITIVE_INFINITY].map(() => 0);
    const { name, help } = options;
    // A registry reads nothing else of a metric, but its declaration admits prom-client's own classes only.
    const metric = {
      name,
      help,
      type: 'histogram',
      aggregator: 'sum',
      get: async () => this.#get(),
      reset() {},
    };
    register.registerMetric(metric as unknown as Metric);
  }

  /** Counts `value` as if it had been observed `count` times. What is no number is not counted. */
  observe(value: number, count = 1): void {
    if (Number.isNaN(value) || !(count > 0)) return;
    const { buckets } = this.#options;
    let index = 0;
    while (index < buckets.length && value > (buckets[index] ?? 0)) index += 1;
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#sum += value * count;
  }

  #get() {
    const { name, help, buckets } = this.#options;
    const values: { metricName: string; labels: Record<string, number | string>; value: number }[] = [];
    let total = 0;
    for (const [index, count] of this.#counts.entries()) {
      total += count;
      values.push({ metricName: `${name}_bucket`, labels: { le: buckets[index] ?? '+Inf' }, value: total });
    }
    values.push({ metricName: `${name}_sum`, labels: {}, value: this.#sum });
    values.push({ metricName: `${name}_count`, labels: {}, value: total });
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
