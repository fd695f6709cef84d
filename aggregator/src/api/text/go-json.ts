/** JSON text as Go's encoding/json writes it, so that bodies compare byte by byte. */

/** Go escapes these within strings so that JSON may stand in HTML and in JavaScript; outside strings they cannot occur. */
const htmlSensitive = /[<>&\u2028\u2029]/g;

export function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    htmlSensitive,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** An object of strings with its keys sorted bytewise. */
export function goJsonMap(map: Readonly<Record<string, string>>): string {
  const members = Object.keys(map)
    .sort()
    .map((key) => `${goJson(key)}:${goJson(map[key])}`);
  return `{${members.join(',')}}`;
}

/**
 * Indents compact JSON by two spaces. It works on the text, because a trip through JSON.parse would move
 * integer-like keys to the front. `margin` is the newline, with what every further line begins with.
 */
export function indentJson(compact: string, margin = '\n'): string {
  let text = '';
  let indent = margin;
  // Strings, empty pairs, single brackets and separators; everything else is numbers and literals.
  for (const [token] of compact.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|\{\}|\[\]|[[\]{},:]|[^[\]{},:"]+/g)) {
    if (token === '{' || token === '[') {
      indent += '  ';
      text += token + indent;
    } else if (token === '}' || token === ']') {
      indent = indent.slice(0, -2);
      text += indent + token;
    } else if (token === ',') text += token + indent;
    else if (token === ':') text += ': ';
    else text += token;
  }
  return text;
}
