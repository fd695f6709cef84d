/**
 * Text without a character at its ends. Not by a regular expression: one that looks for the end of each of many runs
 * takes the square of their length, and what is trimmed here anybody may send.
 * @param character a single UTF-16 unit
 */
export function trimmed(text: string, character: string): string {
  const code = character.charCodeAt(0);
  let start = 0;
  while (start < text.length && text.charCodeAt(start) === code) start += 1;
  return trimmedEnd(start === 0 ? text : text.slice(start), character);
}

/** Without the character at its end. */
export function trimmedEnd(text: string, character: string): string {
  const code = character.charCodeAt(0);
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === code) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}
