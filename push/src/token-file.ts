import { readFileSync } from 'node:fs';

/** The service account token in a file. @throws in words that do not show what the file holds */
export function readToken(file: string): string {
  const token = readFileSync(file, 'utf8').trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new Error(
    `Cannot authenticate: expected one token in ${file}, found ${token === '' ? 'none' : 'other text'}`,
  );
}
