/** A right as docs/rbac.md has it: lists are sorted, a name that is empty is any. */
export interface Right {
  readonly actor: string;
  readonly group: string;
  readonly object: string;
  readonly names: readonly string[];
  readonly where: string;
  readonly verbs: readonly string[];
  readonly grantedBy: string;
}

/** The parts of docs/rbac.md that have a table: that of the default values under '', others under what is set for them. */
export function rightsSections(markdown: string): ReadonlyMap<string, string> {
  const [always = '', ...others] = markdown.split(/^## /m);
  const withValue = others.flatMap((text): [string, string][] => {
    const value = /^With `(\S+)`\n/.exec(text)?.[1];
    return value === undefined ? [] : [[value, text]];
  });
  return new Map([['', always], ...withValue]);
}

/**
 * The rights in a table of docs/rbac.md.
 * @throws when a line has not eight cells, gives no reason, or there is no table
 */
export function parseRightsTable(markdown: string): Right[] {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'));
  // The first two are the head and its rule.
  if (lines.length < 3) throw new Error('Cannot read the rights: expected a table, found none');
  return lines.slice(2).map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    const [actor, group, object, names, where, verbs, grantedBy, why, ...more] = cells;
    if (!actor || !group || !object || names === undefined || !where || !verbs || !grantedBy) {
      throw new Error(`Cannot read a line of the rights: expected eight cells, found ${line}`);
    }
    if (!why || more.length > 0) {
      throw new Error(`Cannot read a line of the rights: expected a reason as its last cell, found ${line}`);
    }
    return { actor, group, object, names: list(names), where, verbs: list(verbs), grantedBy };
  });
}

function list(cell: string): string[] {
  return cell
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .sort();
}
