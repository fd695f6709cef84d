import { parseCommandLine, problemsText } from './command-line.ts';
import { errorWords } from './error-words.ts';
import type { FlagTable, FlagValues } from './flag.ts';
import { helpText } from './help-text.ts';

/** A command that does one thing and ends. */
export interface Command<Table extends FlagTable> {
  /** As it is typed. */
  readonly typed: string;
  /** What `--version` prints before the version. */
  readonly title: string;
  readonly version: string;
  readonly summary: string;
  readonly flags: Table;
  /** What stands before the reason where it could not be done. */
  readonly failed: string;
  readonly run: (values: FlagValues<Table>) => Promise<void>;
}

/** @returns the exit code: 0, 1 when it could not be done, 2 for a command line that cannot be used */
export async function runCommand<Table extends FlagTable>(
  { typed, title, version, summary, flags, failed, run }: Command<Table>,
  { argv, env, stdout, stderr }: Pick<NodeJS.Process, 'argv' | 'env' | 'stdout' | 'stderr'>,
): Promise<number> {
  const line = parseCommandLine(flags, argv.slice(2), env);
  if (line.kind === 'problems') {
    stderr.write(problemsText(typed, line.problems));
    return 2;
  }
  if (line.kind !== 'run') {
    stdout.write(line.kind === 'help' ? helpText(typed, summary, flags) : `${title} ${version}\n`);
    return 0;
  }
  try {
    await run(line.values);
    return 0;
  } catch (error) {
    stderr.write(`${failed}: ${errorWords(error)}\n`);
    return 1;
  }
}
