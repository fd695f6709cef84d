import { parseArgs } from 'node:util';
import type { Flag } from './flags.ts';

/** A program's flags by name, without the dashes. */
// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of different value types
export type FlagTable = Readonly<Record<string, Flag<any>>>;

/** What the flags of a table are worth once read. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

/** The answer to a command line: what to run with, what to print, or everything that is wrong with it. */
export type CommandLine<Table extends FlagTable> =
  | { readonly kind: 'run'; readonly values: FlagValues<Table> }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Reads GNU-style flags (`--name=value`, `--name value`), then environment variables for those not given.
 * Pure: every problem is returned together, none is printed.
 * @param relations problems between flags; is given the values that could be read, so any may be missing
 */
export function parseCommandLine<const Table extends FlagTable>(
  table: Table,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  relations: (values: Partial<FlagValues<Table>>) => readonly string[] = () => [],
): CommandLine<Table> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(Object.keys(table).map((name) => [name, { type: 'string' }])),
    strict: false,
    tokens: true,
  });
  const problems: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional')
      problems.push(`argument "${token.value}" is not expected: every option is a flag`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.rawName === '-h') return { kind: 'help' };
    if (token.name === 'version') return { kind: 'version' };
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (flag === undefined) problems.push(`${token.rawName} is not a flag of this program`);
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      problems.push(`${token.rawName} expects a value: ${token.rawName}=${flag.placeholder}`);
    } else given.set(token.name, [...(given.get(token.name) ?? []), token.value]);
  }
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    const fromEnv = flag.env === undefined ? undefined : env[flag.env];
    const texts = given.get(name) ?? (fromEnv === undefined || fromEnv === '' ? [] : [fromEnv]);
    if (problems.some((problem) => problem.startsWith(`--${name} expects a value`))) continue;
    const outcome = flag.read(texts);
    const source = given.has(name) || fromEnv === undefined ? `--${name}` : `--${name} (from ${flag.env})`;
    if ('problem' in outcome) problems.push(`${source} ${outcome.problem}`);
    else values[name] = outcome.value;
  }
  problems.push(...relations(values as Partial<FlagValues<Table>>));
  return problems.length > 0
    ? { kind: 'problems', problems }
    : { kind: 'run', values: values as FlagValues<Table> };
}

/** The text of `--help`: what the program is, then each flag with its meaning, default and environment variable. */
export function helpText(program: string, summary: string, table: FlagTable): string {
  const lines = [`Usage: ${program} [flags]`, '', summary, '', 'Flags:'];
  const flags = { ...table };
  for (const [name, flag] of Object.entries(flags)) {
    const notes = [
      flag.defaultText === undefined ? undefined : `default ${flag.defaultText}`,
      flag.env === undefined ? undefined : `or ${flag.env} in the environment`,
      flag.repeatable ? 'may be repeated' : undefined,
    ].filter((note) => note !== undefined);
    lines.push(`  --${name}=${flag.placeholder}`);
    lines.push(...wrap(notes.length === 0 ? flag.help : `${flag.help} (${notes.join('; ')})`));
  }
  lines.push('  --help', '      Shows this text.', '  --version', '      Shows the version.');
  return `${lines.join('\n')}\n`;
}

/** What a program prints when its command line cannot be used. */
export function problemsText(program: string, problems: readonly string[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return [
    `${program}: ${count} in the flags:`,
    ...problems.map((problem) => `  ${problem}`),
    `See ${program} --help`,
    '',
  ].join('\n');
}

function wrap(paragraph: string): string[] {
  const lines: string[] = [];
  let line = '     ';
  for (const word of paragraph.split(' ')) {
    if (line.length + 1 + word.length > 100) {
      lines.push(line);
      line = '     ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
