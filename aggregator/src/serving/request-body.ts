import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerLimits } from './request-limits.ts';

/**
 * Throws the body of a request away while it comes: no path takes one. Up to a bound it is read, so that the connection
 * stays of use. One that goes on when the answer is out ends the connection, but not at once: the client's kernel
 * would throw away the answer that it has not read yet.
 * @param tooLarge is called once when more comes than is let in
 */
export function discardBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { bodyBytes, lingerMs }: Pick<ServerLimits, 'bodyBytes' | 'lingerMs'>,
  tooLarge: () => void,
): void {
  if (
    incoming.headers['transfer-encoding'] === undefined &&
    !(Number(incoming.headers['content-length']) > 0)
  ) {
    return;
  }
  let receivedBytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    const before = receivedBytes;
    receivedBytes += chunk.length;
    if (receivedBytes <= bodyBytes) return;
    incoming.pause();
    if (before <= bodyBytes) tooLarge();
  });
  // The connection has broken; the answer will notice.
  incoming.on('error', () => undefined);
  outgoing.once('finish', () => {
    if (incoming.complete) return;
    const linger = setTimeout(() => incoming.destroy(), lingerMs);
    for (const event of ['end', 'close']) incoming.once(event, () => clearTimeout(linger));
  });
}
