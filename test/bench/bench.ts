import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { Figure } from './figures.ts';

/** One benchmark: what it measures, how often by default, and how. */
export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly runs: number;
  /** Flags of its own with what they mean; one that takes a value is given as `--flag=VALUE`. */
  readonly flags?: Readonly<Record<string, string>>;
  /** @throws when this machine cannot run it, with a sentence that says why */
  measure(options: BenchOptions): Promise<Readonly<Record<string, Figure>>>;
}

export interface BenchOptions {
  readonly runs: number;
  /** Told what is being done, for a person who waits. */
  readonly progress: (step: string) => void;
  /** The value of a flag of its own: empty for one without, undefined when it was not given. */
  readonly flag: (name: string) => string | undefined;
}

/** What `--json` prints. */
export interface BenchResult {
  readonly bench: string;
  readonly machine: Machine;
  readonly runs: number;
  readonly figures: Readonly<Record<string, Figure>>;
}

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryMiB: number;
  readonly kernel: string;
  readonly node: string;
}

export function thisMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
  };
}

/** The result for a person. */
export function readable({ bench, machine, runs, figures }: BenchResult): string {
  const rows = Object.entries(figures).map(([name, { value, unit, min, max, goal, met }]) => [
    name,
    `${value} ${unit}`,
    `${min} … ${max}`,
    goal ?? '',
    met === null ? '' : met ? 'met' : 'NOT MET',
  ]);
  const table = [['figure', 'median', 'min … max', 'goal', ''], ...rows];
  const widths = (table[0] ?? []).map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const { cores, kernel, memoryMiB, node, processor } = machine;
  return [
    `${bench}: ${runs} runs on ${cores} × ${processor}, ${memoryMiB} MiB, Linux ${kernel}, Node ${node}`,
    '',
    ...lines,
    '',
  ].join('\n');
}
