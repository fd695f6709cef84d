/** Operators between a key and its values. */
export type LabelOperator = '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin';

export interface Token {
  readonly type: 'word' | '!' | '(' | ')' | ',' | 'operator' | 'end';
  readonly text: string;
  /** `in` and `notin` are words and operators: which, the place decides. */
  readonly operator?: LabelOperator;
}

const operators: Readonly<Record<string, LabelOperator>> = {
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': '>',
  '<': '<',
  in: 'in',
  notin: 'notin',
};

/** The longest operator wins; a word is whatever runs up to a blank, a zero byte or a special character. */
const pattern = /(==|!=|[=!(),<>]|[^ \t\r\n\0=!(),<>]+)\0?|\0/g;

/** The tokens without blanks. Kubernetes' lexer swallows a zero byte after a token and ends at any other. */
export function labelSelectorTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const [, found] of text.matchAll(pattern)) {
    if (found === undefined) break;
    tokens.push(token(found));
  }
  return tokens;
}

function token(text: string): Token {
  if (text === '!' || text === '(' || text === ')' || text === ',') return { type: text, text };
  const operator = Object.hasOwn(operators, text) ? operators[text] : undefined;
  if (operator === undefined) return { type: 'word', text };
  return { type: operator === 'in' || operator === 'notin' ? 'word' : 'operator', text, operator };
}
