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

/** The longest operator wins; a word is whatever runs up to a blank or a special character. */
const pattern = /==|!=|[=!(),<>]|[^ \t\r\n=!(),<>]+/g;

/** The tokens without blanks. Kubernetes' lexer takes a zero byte for the end. */
export function labelSelectorTokens(text: string): readonly Token[] {
  const [beforeZero = ''] = text.split('\0', 1);
  return (beforeZero.match(pattern) ?? []).map(token);
}

function token(text: string): Token {
  if (text === '!' || text === '(' || text === ')' || text === ',') return { type: text, text };
  const operator = Object.hasOwn(operators, text) ? operators[text] : undefined;
  if (operator === undefined) return { type: 'word', text };
  return { type: operator === 'in' || operator === 'notin' ? 'word' : 'operator', text, operator };
}
