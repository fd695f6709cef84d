import { type Logger, pino } from 'pino';

/** A log whose lines are kept, and the port that an endpoint says in it to listen on. @param listens the line's sentence */
export function listeningLog(listens: string): {
  readonly log: Logger;
  readonly lines: Record<string, unknown>[];
  readonly port: Promise<number>;
} {
  const lines: Record<string, unknown>[] = [];
  const port = Promise.withResolvers<number>();
  const log = pino(
    { level: 'debug' },
    {
      write(text) {
        const line = JSON.parse(text) as Record<string, unknown>;
        lines.push(line);
        if (line['msg'] === listens) port.resolve(Number(line['port']));
      },
    },
  );
  return { log, lines, port: port.promise };
}
