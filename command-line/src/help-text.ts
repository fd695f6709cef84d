import type { Flag, FlagTable } from './flag.ts';

/** Flags under the headings that `--help` shows them under. */
export type FlagSections = Readonly<Record<string, FlagTable>>;

/** The text of `--help`: what the program is, then each flag with its meaning, default and environment variable. */
export function helpText(program: string, summary: string, table: FlagTable): string {
  return sectionedHelpText(program, summary, { Flags: table });
}

/** The text of `--help` of a program with so many flags that they need an order. */
export function sectionedHelpText(program: string, summary: string, sections: FlagSections): string {
  const lines = [`Usage: ${program} [flags]`, '', ...wrap(summary, '')];
  for (const [heading, table] of Object.entries(sections)) {
    lines.push('', `${heading}:`);
    const flags = Object.entries(table);
    for (const [name, flag] of flags) if (flag.ignored === undefined) lines.push(...entry(name, flag));
    lines.push(...ignoredEntries(flags));
  }
  lines.push('', '  --help', '      Shows this text.', '  --version', '      Shows the version.');
  return `${lines.join('\n')}\n`;
}

function entry(name: string, flag: Flag<unknown>): string[] {
  const notes = [
    flag.defaultText === undefined ? undefined : `default ${flag.defaultText}`,
    flag.env === undefined ? undefined : `or ${flag.env} in the environment`,
    flag.repeatable ? 'may be repeated' : undefined,
  ].filter((note) => note !== undefined);
  const letter = flag.short === undefined ? '' : `-${flag.short}, `;
  const value = flag.bare === true ? `[=${flag.placeholder}]` : `=${flag.placeholder}`;
  return [
    `  ${letter}--${name}${value}`,
    ...wrap(notes.length === 0 ? flag.help : `${flag.help} (${notes.join('; ')})`, '      '),
  ];
}

/** Names only, under the reason that they share. */
function ignoredEntries(flags: readonly (readonly [string, Flag<unknown>])[]): string[] {
  const ignored = flags.filter(([, flag]) => flag.ignored !== undefined);
  const byReason = Map.groupBy(ignored, ([, flag]) => flag.ignored ?? '');
  return [...byReason].flatMap(([reason, group]) => [
    `  Without effect – ${reason}:`,
    ...wrap(group.map(([name]) => `--${name}`).join(', '), '      '),
  ]);
}

function wrap(paragraph: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of paragraph.split(' ')) {
    if (line.length > indent.length && line.length + 1 + word.length > 100) {
      lines.push(line);
      line = indent;
    }
    line += line.length === indent.length ? word : ` ${word}`;
  }
  return [...lines, line];
}
