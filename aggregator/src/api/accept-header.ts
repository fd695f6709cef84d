/** One alternative of an Accept header. */
export interface AcceptClause {
  readonly type: string;
  readonly subtype: string;
  readonly quality: number;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Most wanted first: by quality, then named types before wildcards, then as written. Malformed ones are left out. */
export function parseAccept(header: string): readonly AcceptClause[] {
  const clauses: AcceptClause[] = [];
  for (const part of header.split(',')) {
    const clause = parseClause(part);
    if (clause !== undefined) clauses.push(clause);
  }
  return clauses.sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function parseClause(part: string): AcceptClause | undefined {
  const [range = '', ...assignments] = part.split(';');
  const [type = '', subtype = type === '*' ? '*' : '', ...excess] = range
    .split('/')
    .map((side) => side.trim());
  if (type === '' || subtype === '' || excess.length > 0) return undefined;
  const parameters = new Map<string, string>();
  let quality = 1;
  for (const assignment of assignments) {
    const [name = '', value = '', ...more] = assignment.split('=').map((side) => side.trim());
    if (value === '' || more.length > 0) continue;
    if (name === 'q') quality = Number(value) || 0;
    else parameters.set(name, value);
  }
  return { type, subtype, quality, parameters };
}

function wildcards(clause: AcceptClause): number {
  return Number(clause.type === '*') + Number(clause.subtype === '*');
}
