import { parseArgs } from 'node:util';
import type { FlagTable, FlagValues } from './flag.ts';
import { nearestName } from './nearest-name.ts';

/** The answer to a command line: what to run with, what to print, or everything that is wrong with it. */
export type CommandLine<Table extends FlagTable> =
  | {
      readonly kind: 'run';
      readonly values: FlagValues<Table>;
      /** What is not done quite as was asked; nothing that keeps the program from running. */
      readonly warnings: readonly string[];
    }
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
    options: Object.fromEntries(
      Object.entries(table).map(([name, { bare, short }]) => [
        name,
        { type: bare === true ? 'boolean' : 'string', ...(short !== undefined && { short }) },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const problems: string[] = [];
  const warnings: string[] = [];
  const given = new Map<string, string[]>();
  const add = (name: string, value: string) => given.set(name, [...(given.get(name) ?? []), value]);
  for (const token of tokens) {
    if (token.kind === 'positional')
      problems.push(`argument "${token.value}" is not expected: every option is a flag`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help' || token.rawName === '-h') return { kind: 'help' };
    if (token.name === 'version') {
      if (token.value === 'false') continue;
      return { kind: 'version' };
    }
    const flag = Object.hasOwn(table, token.name) ? table[token.name] : undefined;
    if (flag === undefined) problems.push(notAFlag(token.rawName, token.name, table));
    else if (flag.bare === true) add(token.name, token.value ?? 'true');
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('--'))) {
      problems.push(`${token.rawName} expects a value: ${token.rawName}=${flag.placeholder}`);
    } else {
      // Of `-v=4` the parser takes the sign for a part of the value.
      const isLetter = !token.rawName.startsWith('--');
      add(token.name, isLetter && token.inlineValue ? token.value.replace(/^=/, '') : token.value);
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    const fromEnv = flag.env === undefined ? undefined : env[flag.env];
    const texts = given.get(name) ?? (fromEnv === undefined || fromEnv === '' ? [] : [fromEnv]);
    if (problems.some((problem) => problem.startsWith(`--${name} expects a value`))) continue;
    const outcome = flag.read(texts);
    const source = given.has(name) || fromEnv === undefined ? `--${name}` : `--${name} (from ${flag.env})`;
    if ('problem' in outcome) problems.push(`${source} ${outcome.problem}`);
    else {
      values[name] = outcome.value;
      if (outcome.warning !== undefined) warnings.push(`${source} ${outcome.warning}`);
    }
  }
  problems.push(...relations(values as Partial<FlagValues<Table>>));
  return problems.length > 0
    ? { kind: 'problems', problems }
    : {
        kind: 'run',
        values: values as FlagValues<Table>,
        warnings: [...warnings, ...ignoredWarning(table, [...given.keys()])],
      };
}

function notAFlag(rawName: string, name: string, table: FlagTable): string {
  const problem = `${rawName} is not a flag of this program`;
  if (name.length === 1) return problem;
  const meant = nearestName(name, [...Object.keys(table), 'help', 'version']);
  return meant === undefined ? problem : `${problem}: did you mean --${meant}?`;
}

/** One line for all of them, however many: a deployment's arguments are one mistake at most. */
function ignoredWarning(table: FlagTable, given: readonly string[]): readonly string[] {
  const ignored = given.filter((name) => table[name]?.ignored !== undefined);
  if (ignored.length === 0) return [];
  const byReason = Map.groupBy(ignored, (name) => table[name]?.ignored ?? '');
  const parts = [...byReason].map(
    ([reason, names]) => `${names.map((name) => `--${name}`).join(', ')} (${reason})`,
  );
  return [`accepted, but without effect: ${parts.join('; ')}`];
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
