import type { ContainerRow } from './container-rows.ts';

/** Columns that can be sorted by, by the row's property. */
export type SortColumn =
  | 'pod'
  | 'container'
  | 'cpuNanocores'
  | 'memoryBytes'
  | 'throttledPercent'
  | 'pressurePercent'
  | 'restarts'
  | 'state';

/** What the person wants to see, and in which order. */
export interface RowChoice {
  readonly column: SortColumn;
  readonly descending: boolean;
  /** Words, each of which must be somewhere in the row. */
  readonly filter: string;
  readonly show: RowSubset;
}

export type RowSubset = 'all' | 'unreported' | 'throttled' | 'pressure';

const subsets: Readonly<Record<RowSubset, (row: ContainerRow) => boolean>> = {
  all: () => true,
  unreported: ({ reported }) => !reported,
  throttled: ({ throttledPercent = 0 }) => throttledPercent > 0,
  pressure: ({ pressurePercent = 0 }) => pressurePercent >= 1,
};

/** Rows that are wanted, in order. What is not known comes last in either direction; equal ones go by name. */
export function chosenRows(rows: readonly ContainerRow[], choice: RowChoice): ContainerRow[] {
  const words = choice.filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows
    .filter((row) => subsets[choice.show](row) && matches(row, words))
    .sort((a, b) => compareBy(a, b, choice) || compareNames(a, b));
}

/** Whether numbers of this column are shown largest first when it is chosen. */
export function startsDescending(column: SortColumn): boolean {
  return column !== 'pod' && column !== 'container' && column !== 'state';
}

function matches({ namespace, pod, container, state }: ContainerRow, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const text = `${namespace}/${pod}/${container} ${state}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function compareBy(a: ContainerRow, b: ContainerRow, { column, descending }: RowChoice): number {
  const sign = descending ? -1 : 1;
  if (column === 'pod') return sign * compareNames(a, b);
  const [left, right] = [a[column], b[column]];
  if (left === right) return 0;
  if (left === undefined) return 1;
  if (right === undefined) return -1;
  return sign * (left < right ? -1 : 1);
}

function compareNames(a: ContainerRow, b: ContainerRow): number {
  return (
    compareText(a.namespace, b.namespace) ||
    compareText(a.pod, b.pod) ||
    compareText(a.container, b.container) ||
    compareText(a.key, b.key)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
