/** What a figure should be: at most or at least a value. */
export interface Goal {
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One measured figure: the median of the runs with their extremes. */
export interface Figure {
  readonly value: number;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** `<= 2.5`, or null where the figure has no goal. */
  readonly goal: string | null;
  /** Whether the median reaches the goal; null without one. */
  readonly met: boolean | null;
}

/** The value below which the given share of the sorted numbers lies (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[at] ?? Number.NaN;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A figure from one value per run. */
export function figure(runs: readonly number[], unit: string, goal: Goal = {}): Figure {
  const value = percentile(runs, 0.5);
  const { atMost, atLeast } = goal;
  const parts = [
    ...(atMost === undefined ? [] : [{ text: `<= ${atMost}`, met: value <= atMost }]),
    ...(atLeast === undefined ? [] : [{ text: `>= ${atLeast}`, met: value >= atLeast }]),
  ];
  return {
    value: round(value),
    unit,
    min: round(Math.min(...runs)),
    max: round(Math.max(...runs)),
    goal: parts.length === 0 ? null : parts.map(({ text }) => text).join(' and '),
    met: parts.length === 0 ? null : parts.every(({ met }) => met),
  };
}

/** Four significant digits: more is noise. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
