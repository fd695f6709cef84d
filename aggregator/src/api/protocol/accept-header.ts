import { trimmed } from '../text/trimmed.ts';

/** Anybody may send a megabyte, and what is read of it costs more than its length: real clients send some ten entries. */
const longestRead = 8 * 1024;
const mostEntries = 64;

/** One alternative of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The entries as they are written, as many as are read at all. */
export function acceptEntries(header: string): readonly string[] {
  return header.slice(0, longestRead).split(',', mostEntries);
}

/**
 * Most wanted first, as goautoneg (which k8s.io/apiserver uses) sorts and reads them. Malformed ones are left out; only
 * blanks are trimmed, no tabs; what follows a last `=` or `/` may be missing.
 */
export function parseAccept(header: string): readonly AcceptClause[] {
  const clauses: AcceptClause[] = [];
  for (const part of acceptEntries(header)) {
    const clause = parseClause(part);
    if (clause !== undefined) clauses.push(clause);
  }
  return sorted(clauses);
}

function parseClause(part: string): AcceptClause | undefined {
  const [range = '', ...assignments] = part.split(';');
  const [type = '', written, ...excess] = range.split('/').map(trimBlanks);
  const subtype = written || (type === '*' ? '*' : '');
  if (subtype === '' || excess.join('/') !== '') return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const assignment of assignments) {
    const [name = '', value = '', ...more] = assignment.split('=');
    if (value === '' || more.join('=') !== '') continue;
    if (trimBlanks(name) === 'q') quality = qualityOf(value);
    else parameters.set(trimBlanks(name), trimBlanks(value));
  }
  return { type, subtype, quality, parameters };
}

/** Not trimmed: Go's strconv.ParseFloat takes no blanks. What is no number counts as 0. */
function qualityOf(value: string): number {
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : 0;
}

/**
 * By insertion, because the order is none: of a named type of low quality and a wildcard of high quality each comes
 * before the other, and then the later one moves ahead.
 */
function sorted(clauses: readonly AcceptClause[]): readonly AcceptClause[] {
  const result = [...clauses];
  for (let end = 1; end < result.length; end += 1) {
    for (let index = end; index > 0; index -= 1) {
      const [before, clause] = [result[index - 1], result[index]];
      if (before === undefined || clause === undefined || !isAhead(clause, before)) break;
      result[index - 1] = clause;
      result[index] = before;
    }
  }
  return result;
}

function isAhead(a: AcceptClause, b: AcceptClause): boolean {
  if (a.quality > b.quality) return true;
  return (a.type !== '*' && b.type === '*') || (a.subtype !== '*' && b.subtype === '*');
}

function trimBlanks(text: string): string {
  return trimmed(text, ' ');
}
