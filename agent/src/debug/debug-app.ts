import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler } from 'express';
import type { DebugState } from './debug-state.ts';

/** What the pages show. */
export interface DebugAppDeps {
  readonly state: () => DebugState;
  /** Told of a request that failed. */
  readonly onError: (path: string, error: unknown) => void;
}

/** The paths of the debug endpoint. Loaded with the first request: an agent that nobody looks at does not pay for it. */
export function createDebugApp({ state, onError }: DebugAppDeps): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  app
    .route('/debug/state')
    .get((_request, response) => void response.json(state()))
    .all((_request, response) => {
      response.status(405).set('Allow', 'GET, HEAD').json({ error: 'expected GET or HEAD' });
    });
  app.use((_request, response) => {
    response.status(404).json({ error: 'expected /debug/state' });
  });
  const failed: ErrorRequestHandler = (error, request, response, _next) => {
    onError(request.path, error);
    if (response.headersSent) response.destroy();
    else response.status(500).json({ error: 'this page could not be made; the agent’s log says why' });
  };
  app.use(failed);
  return app;
}
