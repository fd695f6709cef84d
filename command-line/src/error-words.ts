/**
 * What an error says, for a log or an answer: its message alone, without its name and its cause. Anything else that was thrown
 * as text.
 */
export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
