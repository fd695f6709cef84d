import { badRequest } from '../protocol/status.ts';
import { goQuote } from '../text/go-quote.ts';

/** The fields that metrics can be selected by, in the order in which a refusal lists them. */
const knownFields = ['metadata.name', 'metadata.namespace'] as const;

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/** All must hold; empty selects everything. */
export type FieldSelector = readonly FieldRequirement[];

/**
 * The grammar of k8s.io/apimachinery `fields.ParseSelector`; whether the fields exist is another matter.
 *
 * @throws StatusError 400 with Kubernetes' message.
 */
export function parseFieldSelector(text: string): FieldSelector {
  // Kubernetes sorts the terms before it looks at them, which decides what error comes first.
  const terms = splitTerms(text).sort();
  return (
    terms
      .filter((term) => term !== '')
      .map((term) => parseTerm(term, text))
      // No field and no value: a term that everything meets.
      .filter(({ field, value }) => field !== '' || value !== '')
  );
}

/** @throws StatusError 400 at the first field that no metric has. */
export function checkFields(selector: FieldSelector): void {
  for (const { field } of selector) {
    if (knownFields.some((known) => known === field)) continue;
    const known = knownFields.map(goQuote).join(', ');
    throw badRequest(`${goQuote(field)} is not a known field selector: only ${known}`);
  }
}

/** A node's namespace is the empty string. */
export function matchesFields(selector: FieldSelector, name: string, namespace: string): boolean {
  return selector.every(({ field, operator, value }) => {
    const actual = field === 'metadata.name' ? name : namespace;
    return (actual === value) === (operator === '=');
  });
}

/** Splits at commas that no backslash stands before. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string, selector: string): FieldRequirement {
  const split = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
  if (split === null) throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
  const [, field = '', operator, value = ''] = split;
  return { field, operator: operator === '!=' ? '!=' : '=', value: unescapeValue(value) };
}

function unescapeValue(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (match: string, escaped: string | undefined) => {
    if (escaped === undefined) {
      throw badRequest(`invalid field selector: unescaped character in value: ${match.charCodeAt(0)}`);
    }
    if (escaped === '' || !'\\,='.includes(escaped)) {
      throw badRequest(`invalid field selector: invalid escape sequence: ${match}`);
    }
    return escaped;
  });
}
