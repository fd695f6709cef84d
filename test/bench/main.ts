/** `npm run bench`: lists the benchmarks; `npm run bench -- NAME` runs one. */
import { errorWords } from '@tacho/command-line';
import { agent } from './agent.ts';
import { type Bench, type BenchResult, readable, thisMachine } from './bench.ts';
import { freshness } from './freshness.ts';
import { ingest } from './ingest.ts';
import { list } from './list.ts';
import { pull } from './pull.ts';
import { soak } from './soak.ts';
import { tick } from './tick.ts';

const benches: readonly Bench[] = [agent, freshness, ingest, list, pull, soak, tick];

const usage = () =>
  [
    'Usage: npm run bench -- NAME [--runs=N] [--json]',
    '',
    '  --json  prints one JSON object on standard output; progress goes to standard error',
    '',
    'Benchmarks:',
    ...benches.map(({ name, summary, runs }) => `  ${name.padEnd(10)} ${summary} (${runs} runs)`),
    ...benches.flatMap(({ name, flags = {} }) =>
      Object.entries(flags).map(([flag, means]) => `  ${name} ${flag}  ${means}`),
    ),
    '',
  ].join('\n');

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => !arg.startsWith('--'));
  const runsText = args.find((arg) => arg.startsWith('--runs='))?.slice('--runs='.length);
  if (args.length === 0 || args.includes('--help')) {
    process.stdout.write(usage());
    return 0;
  }
  const bench = benches.find(({ name }) => name === names[0]);
  const own = Object.keys(bench?.flags ?? {});
  const unknown = args.filter(
    (arg) =>
      arg.startsWith('--') &&
      arg !== '--json' &&
      !arg.startsWith('--runs=') &&
      !own.includes(arg.split('=', 1)[0] ?? ''),
  );
  const flag = (name: string) => {
    const given = args.find((arg) => arg === name || arg.startsWith(`${name}=`));
    return given?.slice(name.length + 1);
  };
  const runs = runsText === undefined ? bench?.runs : Number(runsText);
  const problems = [
    ...unknown.map((flag) => `${flag} is not a flag`),
    ...(names.length === 1 && bench !== undefined
      ? []
      : [`expected the name of one benchmark, found "${names.join(' ')}"`]),
    ...(runsText === undefined || (Number.isInteger(runs) && Number(runs) > 0)
      ? []
      : [`--runs expected a number above 0, found "${runsText}"`]),
  ];
  if (bench === undefined || runs === undefined || problems.length > 0) {
    process.stderr.write(`${problems.join('\n')}\n\n${usage()}`);
    return 2;
  }
  const progress = (step: string) => void process.stderr.write(`${bench.name}: ${step}\n`);
  const figures = await bench.measure({ runs, progress, flag });
  const result: BenchResult = { bench: bench.name, machine: thisMachine(), runs, figures };
  process.stdout.write(args.includes('--json') ? `${JSON.stringify(result)}\n` : readable(result));
  return 0;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`Cannot measure: ${errorWords(error)}\n`);
  return 1;
});
