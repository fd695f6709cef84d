import pino, { type Logger } from 'pino';

/** A log that is kept: one object for each line. */
export function keptLog(): { readonly log: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  return { lines, log: pino({ level: 'debug' }, { write: (line) => lines.push(JSON.parse(line)) }) };
}
