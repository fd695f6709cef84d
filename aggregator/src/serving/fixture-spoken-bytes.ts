import { once } from 'node:events';
import { connect } from 'node:tls';
import type { startApiServer } from './fixture-api-server.ts';

type Api = Awaited<ReturnType<typeof startApiServer>>;

/** The head of a request. @param more further header lines, each with its end */
export const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

/** Speaks bytes over TLS, and hears all that is said until the other side ends. */
export async function speak(api: Api, text: string | Buffer) {
  const socket = connect({ host: '127.0.0.1', port: api.port, ca: api.pki.servingCa.certificate });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write(text);
  return {
    socket,
    heard: () => Buffer.concat(heard).toString(),
    all: async () => {
      await ended;
      return Buffer.concat(heard).toString();
    },
  };
}

/** A whole answer taken apart. */
export function parse(answer: string) {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const [line = '', ...headers] = head.split('\r\n');
  return { code: Number(line.split(' ')[1]), headers, body: JSON.parse(body) };
}
