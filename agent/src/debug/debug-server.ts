import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { errorWords } from '@tacho/command-line';
import type { Logger } from 'pino';
import { httpBounds } from '../../../listener/src/http-bounds.ts';
import { makeRoomForNew } from '../../../listener/src/room-for-new.ts';
import { type ListenAddress, serveUntil } from '../../../listener/src/serve-until.ts';
import type { DebugAppDeps } from './debug-app.ts';
import { isOwnHost } from './host-header.ts';
import { isFromOtherSite } from './other-site.ts';
import type { PageFiles } from './page-file.ts';

/** What the debug endpoint needs. */
export interface DebugServerDeps extends Omit<DebugAppDeps, 'onError' | 'pageFiles'> {
  readonly log: Logger;
  /** The files of the page; asked for when the first of them is. */
  readonly pageFiles?: () => Promise<PageFiles>;
  /** Makes the pages; called with the first request. */
  readonly loadApp?: (deps: DebugAppDeps) => Promise<RequestListener>;
}

/** A person and a tool or two: who wants more must not cost the ticks their time. */
const mostConnections = 16;
/** For the whole of an answer that nobody fetches. */
const silentMs = 30_000;

const words = {
  listens: 'debug endpoint listens',
  cannotListen: 'no debug endpoint: cannot listen; --debug-port names another port',
};

const loadDebugApp = async (deps: DebugAppDeps): Promise<RequestListener> =>
  (await import('./debug-app.ts')).createDebugApp(deps);
const noPage = async (): Promise<PageFiles> => new Map();

/**
 * Serves the debug endpoint until the signal says stop. Never rejects: a port that cannot be had is said once, and the
 * agent does without, because the numbers matter more.
 */
export async function serveDebug(
  { log, loadApp = loadDebugApp, pageFiles = noPage, ...shown }: DebugServerDeps,
  address: ListenAddress,
  signal: AbortSignal,
): Promise<void> {
  const onError = (path: string, error: unknown) =>
    log.error({ path, reason: errorWords(error) }, 'cannot answer a request');
  let app: Promise<RequestListener> | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (!isOwnHost(request.headers.host, [address.bindAddress, arrivedAt(request)])) {
      return refuse(response, 403, 'expected localhost or the address of this endpoint in the Host header');
    }
    if (isFromOtherSite(request.url?.split('?')[0] ?? '', request.headers)) {
      return refuse(response, 403, 'expected no request of another site’s page; a link may lead to / only');
    }
    try {
      app ??= loadApp({ ...shown, pageFiles, onError });
      (await app)(request, response);
    } catch (error) {
      app = undefined;
      onError(request.url ?? '', error);
      refuse(response, 500, 'the pages could not be loaded; the agent’s log says why');
    }
  };
  const server = createServer(httpBounds, (request, response) => void answer(request, response));
  makeRoomForNew(server, mostConnections);
  server.setTimeout(silentMs);
  await serveUntil(server, address, { log, words }, signal);
}

/** The address that the client has connected to, which is the pod's where all addresses are listened on. */
function arrivedAt({ socket }: IncomingMessage): string {
  return (socket.localAddress ?? '').replace(/^::ffff:/, '');
}

function refuse(response: ServerResponse, status: number, error: string): void {
  response
    .writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' })
    .end(JSON.stringify({ error }));
}
