import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { errorWords } from '@tacho/command-line';
import type { Logger } from 'pino';
import { answerHealth, type Health } from './health-answer.ts';
import { httpBounds } from './http-bounds.ts';
import { makeRoomForNew } from './room-for-new.ts';
import { type ListenAddress, serveUntil } from './serve-until.ts';

/** What the health endpoint needs. */
export interface HealthServerDeps {
  readonly log: Logger;
  readonly health: Health;
  /** Its own metrics; loaded with the first scrape. */
  readonly loadMetrics: () => Promise<{ text(): Promise<string> }>;
}

/** Far more than a kubelet and some scrapers. Every pod may reach the port: none may keep the kubelet's probe out of it. */
const mostConnections = 64;
const silentMs = 10_000;
const plainText = 'text/plain; charset=utf-8';
const words = {
  listens: 'health endpoint listens',
  cannotListen: 'no health endpoint: cannot listen; --health-port names another port',
};

/**
 * Serves /livez, /readyz and /metrics until the signal says stop, to whoever reaches the port: there is no name of a pod in
 * them. Never rejects.
 */
export async function serveHealth(
  { log, health, loadMetrics }: HealthServerDeps,
  address: ListenAddress,
  signal: AbortSignal,
): Promise<void> {
  let metrics: ReturnType<typeof loadMetrics> | undefined;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const reply = (status: number, body: string, type = plainText) => {
      response
        .writeHead(status, {
          'Content-Type': type,
          'Cache-Control': 'no-cache, private',
          'X-Content-Type-Options': 'nosniff',
        })
        .end(request.method === 'HEAD' ? undefined : body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return reply(405, 'expected GET or HEAD\n');
    }
    const [path = '', query] = (request.url ?? '').split('?');
    try {
      if (path === '/metrics') {
        metrics ??= loadMetrics().catch((error: unknown) => {
          metrics = undefined;
          throw error;
        });
        const text = await (await metrics).text();
        return reply(200, text, 'text/plain; version=0.0.4; charset=utf-8');
      }
      const verbose = new URLSearchParams(query).get('verbose');
      const found = answerHealth(path, verbose !== null && verbose !== 'false', health);
      if (found === undefined) return reply(404, 'expected /livez, /readyz or /metrics\n');
      return reply(found.status, found.body);
    } catch (error) {
      log.error({ path, reason: errorWords(error) }, 'cannot answer a request');
      if (response.headersSent) return void response.destroy();
      return reply(500, 'this could not be told; the log says why\n');
    }
  };
  const server = createServer(httpBounds, (request, response) => void answer(request, response));
  makeRoomForNew(server, mostConnections);
  server.setTimeout(silentMs);
  await serveUntil(server, address, { log, words }, signal);
}
