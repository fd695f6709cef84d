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

const percent = 0x25;

/** @returns undefined where a percent sign is not followed by two hexadecimal digits */
function decoded(text: string): string | undefined {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  if (/%(?![\da-f]{2})/i.test(spaced)) return undefined;
  // Byte by byte: a stranger's 64 KiB of escapes are to be read in no time.
  const bytes = Buffer.from(spaced);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const isEscape = bytes[at] === percent;
    bytes[length] = isEscape
      ? Number.parseInt(bytes.toString('latin1', at + 1, at + 3), 16)
      : (bytes[at] ?? 0);
    length += 1;
    if (isEscape) at += 2;
  }
  // Bytes that are no UTF-8 become replacement characters, as they would in Go's JSON.
  return bytes.toString('utf8', 0, length);
}
