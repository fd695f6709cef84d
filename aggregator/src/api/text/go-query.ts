/**
 * Parameters of a query as Go's net/url reads them: a pair that has a semicolon or a broken escape is left out, and
 * nothing else is lost.
 */
export function parseGoQuery(text: string): URLSearchParams {
  const query = new URLSearchParams();
  if (text === '') return query;
  for (const pair of text.split('&')) {
    if (pair === '' || pair.includes(';')) continue;
    const equals = pair.indexOf('=');
    const name = decoded(equals < 0 ? pair : pair.slice(0, equals));
    const value = decoded(equals < 0 ? '' : pair.slice(equals + 1));
    if (name !== undefined && value !== undefined) query.append(name, value);
  }
  return query;
}

/** @returns undefined where a percent sign is not followed by two hexadecimal digits */
function decoded(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  if (/%(?![\da-f]{2})/i.test(spaced)) return undefined;
  // Bytes that are no UTF-8 become replacement characters, as they would in Go's JSON.
  const bytes = Buffer.from(spaced).toString('latin1');
  const plain = bytes.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}
