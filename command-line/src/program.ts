import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { parseCommandLine, problemsText } from './command-line.ts';
import { errorWords } from './error-words.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import { optionalChoice } from './flags.ts';
import { type FlagSections, sectionedHelpText } from './help-text.ts';

/** A program that runs until it is told to stop. */
export interface Program<Table extends FlagTable> {
  readonly name: string;
  readonly version: string;
  /** What `--help` starts with. */
  readonly summary: string;
  readonly flags: Table;
  /** The same flags under headings, for `--help`; one list of all by default. */
  readonly sections?: FlagSections;
  /** Problems between flags that are well by themselves. */
  readonly relations: (values: Partial<FlagValues<Table>>) => readonly string[];
  /** How long an orderly end may take after SIGTERM; must be less than the pod's grace period. */
  readonly stopMs: (values: FlagValues<Table>) => number;
  /** The level of the log when --log-level is not given; info by default. */
  readonly logLevel?: (values: FlagValues<Table>) => LogLevel | undefined;
  /** Told of each line of the log as well, with its end. */
  readonly onLogLine?: (line: string) => void;
  /** Resolves after the signal, when everything is closed. @throws when the program cannot go on */
  readonly run: (values: FlagValues<Table>, log: Logger, signal: AbortSignal) => Promise<void>;
}

const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

const logFlags = {
  'log-level': optionalChoice(logLevels, {
    help: 'How much to log, as JSON lines on standard output.',
    fallback: 'info',
  }),
};

/**
 * Runs a program from its command line: help, version, every problem of the flags at once, a log, and an end in order on
 * SIGTERM or SIGINT, at once on the second.
 * @returns the exit code: 0, 1 when it could not go on, 2 for a command line that cannot be used
 */
export async function runProgram<Table extends FlagTable>(
  program: Program<Table>,
  process: NodeJS.Process,
): Promise<number> {
  const { name, version, summary, relations, stopMs } = program;
  const flags = { ...program.flags, ...logFlags };
  const line = parseCommandLine(flags, process.argv.slice(2), process.env, relations);
  if (line.kind === 'help') {
    const sections = program.sections ?? { Flags: program.flags };
    // The log's flag stands with its kind where there is such a heading, else with the rest.
    const home = Object.hasOwn(sections, 'Logging') ? 'Logging' : Object.keys(sections)[0];
    const entries = Object.entries(sections).map(([heading, table]) => [
      heading,
      heading === home ? { ...table, ...logFlags } : table,
    ]);
    process.stdout.write(sectionedHelpText(name, summary, Object.fromEntries(entries)));
    return 0;
  }
  if (line.kind === 'version') {
    process.stdout.write(`${name} ${version}\n`);
    return 0;
  }
  if (line.kind === 'problems') {
    process.stderr.write(problemsText(name, line.problems));
    return 2;
  }
  // TypeScript cannot see that a table of both kinds of flags has values of both kinds.
  const values = line.values as unknown as FlagValues<Table> & FlagValues<typeof logFlags>;
  const output = pino.destination({ dest: 1, sync: true });
  const { onLogLine } = program;
  const write = (line: string) => {
    onLogLine?.(line);
    output.write(line);
  };
  const log = pino(
    { level: values['log-level'] ?? program.logLevel?.(values) ?? 'info', base: { program: name } },
    onLogLine === undefined ? output : { write },
  );
  for (const warning of line.warnings) log.warn(warning);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stop.signal.aborted) process.exit(1);
      log.info({ signal }, 'stopping');
      stop.abort();
      void sleep(stopMs(values), undefined, { ref: false }).then(() => process.exit(1));
    });
  }
  try {
    await program.run(values, log, stop.signal);
    return 0;
  } catch (error) {
    log.fatal({ reason: errorWords(error) }, 'cannot go on');
    return 1;
  }
}
