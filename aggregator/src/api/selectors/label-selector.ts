import { badRequest } from '../protocol/status.ts';
import { goQuote } from '../text/go-quote.ts';
import { type LabelOperator, labelSelectorTokens, type Token } from './label-selector-tokens.ts';
import { labelKeyFault, labelValueFault } from './qualified-name.ts';

/** One condition. All of a selector's must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator | 'exists' | '!';
  /** Sorted, without duplicates; exactly one for the operators that compare. */
  readonly values: readonly string[];
}

/** Sorted by key; empty selects everything. */
export type LabelSelector = readonly LabelRequirement[];

/**
 * The grammar of k8s.io/apimachinery `labels.Parse`.
 *
 * @throws StatusError 400 with Kubernetes' message.
 */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = labelSelectorTokens(text);
  let position = 0;
  const next = (): Token => tokens[position] ?? { type: 'end', text: '' };
  const take = (): Token => {
    const token = next();
    position += 1;
    return token;
  };

  const requirements: LabelRequirement[] = [];
  while (next().type !== 'end') {
    const { type, text: found } = next();
    if (type !== 'word' && type !== '!') {
      throw badRequest(`found '${found}', expected: !, identifier, or 'end of string'`);
    }
    requirements.push(parseRequirement(next, take));
    const separator = take();
    if (separator.type === 'end') break;
    if (separator.type !== ',')
      throw badRequest(`found '${separator.text}', expected: ',' or 'end of string'`);
    const following = next();
    if (following.type !== 'word' && following.type !== '!') {
      throw badRequest(`found '${following.text}', expected: identifier after ','`);
    }
  }
  return requirements.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)));
}

/** `in`, `==` and `=` need the label; `notin` and `!=` also hold without it. */
export function matchesLabels(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  return selector.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'exists':
        return value !== undefined;
      case '!':
        return value === undefined;
      case '!=':
      case 'notin':
        return value === undefined || !values.includes(value);
      case '>':
      case '<': {
        const actual = value === undefined ? undefined : parseInt64(value);
        const limit = parseInt64(values[0] ?? '');
        if (actual === undefined || limit === undefined) return false;
        return operator === '>' ? actual > limit : actual < limit;
      }
      default:
        return value !== undefined && values.includes(value);
    }
  });
}

/** The labels without which nothing is selected. */
export function neededKeys(selector: LabelSelector): readonly string[] {
  return selector.filter(({ operator }) => !['!', '!=', 'notin'].includes(operator)).map(({ key }) => key);
}

function parseRequirement(next: () => Token, take: () => Token): LabelRequirement {
  let token = take();
  const negated = token.type === '!';
  if (negated) token = take();
  if (token.type !== 'word') throw unparsable(`found '${token.text}', expected: identifier`);
  const key = token.text;
  const fault = labelKeyFault(key);
  // Kubernetes prints the path of the key, of which it has none.
  if (fault !== undefined) throw unparsable(invalid('<nil>', key, fault));
  if (negated) return { key, operator: '!', values: [] };
  if (next().type === 'end' || next().type === ',') return { key, operator: 'exists', values: [] };

  const { operator, text } = take();
  if (operator === undefined) throw unparsable(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
  const isSet = operator === 'in' || operator === 'notin';
  const values = isSet ? parseValueSet(next, take) : [parseExactValue(next, take)];
  const faults = valueFaults(key, operator, values);
  if (faults.length === 1) throw unparsable(faults.join());
  if (faults.length > 1) throw unparsable(`[${faults.join(', ')}]`);
  return { key, operator, values };
}

function parseExactValue(next: () => Token, take: () => Token): string {
  if (next().type === 'end' || next().type === ',') return '';
  const token = take();
  if (token.type !== 'word') throw unparsable(`found '${token.text}', expected: identifier`);
  return token.text;
}

/** `(a,b)`; a missing value is the empty one: `()`, `(,)`, `(a,)`. */
function parseValueSet(next: () => Token, take: () => Token): readonly string[] {
  const open = take();
  if (open.type !== '(') throw unparsable(`found '${open.text}' expected: '('`);
  const values = new Set<string>();
  if (next().type === ')') {
    take();
    return [''];
  }
  if (next().type !== 'word' && next().type !== ',') {
    throw unparsable(`found '${next().text}', expected: ',', ')' or identifier`);
  }
  while (next().type !== ')' || values.size === 0) {
    const token = take();
    if (token.type === ',') {
      // Kubernetes takes a second comma along with the first, and so refuses `(a,,)` but not `(a,,b)`.
      if (next().type === ',') {
        take();
        if (next().type === ')') throw unparsable("found ')', expected: ',', or identifier");
        values.add('');
      } else if (values.size === 0 || next().type === ')') values.add('');
    } else if (token.type === 'word') {
      values.add(token.text);
      const { type, text } = next();
      if (type !== ',' && type !== ')') throw unparsable(`found '${text}', expected: ',' or ')'`);
    } else throw unparsable(`found '${token.text}', expected: ',', or identifier`);
  }
  take();
  return [...values].sort();
}

function valueFaults(key: string, operator: LabelOperator, values: readonly string[]): readonly string[] {
  const faults: string[] = [];
  if (operator === '>' || operator === '<') {
    for (const [index, value] of values.entries()) {
      if (parseInt64(value) !== undefined) continue;
      const rule = "for 'Gt', 'Lt' operators, the value must be an integer";
      faults.push(invalid(`values[${index}]`, value, rule));
    }
  }
  for (const [index, value] of values.entries()) {
    const fault = labelValueFault(value);
    if (fault !== undefined) faults.push(invalid(`values[${index}][${key}]`, value, fault));
  }
  return faults;
}

function parseInt64(text: string): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function invalid(path: string, value: string, rule: string): string {
  return `${path}: Invalid value: ${goQuote(value)}: ${rule}`;
}

function unparsable(message: string) {
  return badRequest(`unable to parse requirement: ${message}`);
}
