import { badRequest } from './status.ts';

/** What selectors look at: any Kubernetes object. */
export interface Selectable {
  metadata: { labels?: Record<string, string>; [field: string]: unknown };
}

export type Predicate = (object: Selectable) => boolean;

const setBased = /^(?<key>[^\s!=,()]+)\s+(?<operator>in|notin)\s*\((?<values>[^()]*)\)$/;
const equalityBased = /^(?<key>[^\s!=,()]+)\s*(?<operator>==|=|!=)\s*(?<value>[^\s!=,()]*)$/;
const existence = /^(?<not>!?)\s*(?<key>[^\s!=,()]+)$/;

/**
 * Reads a labelSelector: `a=b,c!=d,e in (x,y),f notin (z),g,!h`. As in Kubernetes, `!=` and `notin` also match an
 * object without the label.
 * @throws StatusError 400 for anything else.
 */
export function parseLabelSelector(selector: string): Predicate {
  const requirements = splitOutsideParentheses(selector).map((term) => labelRequirement(term, selector));
  return (object) => requirements.every((holds) => holds(object.metadata.labels ?? {}));
}

function labelRequirement(term: string, selector: string): (labels: Record<string, string>) => boolean {
  const set = setBased.exec(term)?.groups;
  if (set) {
    const { key = '', operator, values: list = '' } = set;
    const values = list.split(',').map((value) => value.trim());
    return operator === 'in'
      ? (labels) => labels[key] !== undefined && values.includes(labels[key])
      : (labels) => labels[key] === undefined || !values.includes(labels[key]);
  }
  const equality = equalityBased.exec(term)?.groups;
  if (equality) {
    const { key = '', operator, value } = equality;
    return (labels) => (labels[key] === value) !== (operator === '!=');
  }
  const exists = existence.exec(term)?.groups;
  if (exists) {
    const { key = '', not } = exists;
    return (labels) => (labels[key] !== undefined) !== (not === '!');
  }
  throw badRequest(
    `unable to parse requirement: expected a label requirement, found "${term}" in "${selector}"`,
  );
}

/**
 * Reads a fieldSelector: `spec.nodeName=n1,status.phase!=Succeeded`. An absent field equals the empty string.
 * @param fieldLabels the labels allowed for this kind besides metadata.name and metadata.namespace
 * @throws StatusError 400 for a label that the kind does not support, or for bad syntax.
 */
export function parseFieldSelector(selector: string, fieldLabels: readonly string[]): Predicate {
  const requirements = splitOutsideParentheses(selector).map((term) => {
    const { key, operator, value } = equalityBased.exec(term)?.groups ?? {};
    if (key === undefined || value === undefined) {
      throw badRequest(`invalid selector: '${selector}'; can't understand '${term}'`);
    }
    if (key !== 'metadata.name' && key !== 'metadata.namespace' && !fieldLabels.includes(key)) {
      throw badRequest(`field label not supported: ${key}`);
    }
    return { path: key.split('.'), equal: operator !== '!=', value };
  });
  return (object) =>
    requirements.every(({ path, equal, value }) => (fieldText(object, path) === value) === equal);
}

/** The name that a selector pins with `metadata.name=X`: authorisation then counts the request as one for X. */
export function pinnedName(fieldSelector: string): string | undefined {
  for (const term of splitOutsideParentheses(fieldSelector)) {
    const { key, operator, value } = equalityBased.exec(term)?.groups ?? {};
    if (key === 'metadata.name' && operator !== '!=' && value) return value;
  }
  return undefined;
}

function fieldText(object: unknown, path: readonly string[]): string {
  let value = object;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return '';
    value = Reflect.get(value, step);
  }
  return value === undefined || value === null ? '' : String(value);
}

function splitOutsideParentheses(selector: string): string[] {
  if (selector.trim() === '') return [];
  return selector.split(/,(?![^()]*\))/).map((term) => term.trim());
}
