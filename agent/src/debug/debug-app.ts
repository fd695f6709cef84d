import type { RequestListener } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { DebugError, PodDetail } from './debug-state.ts';
import type { MeasuredNode } from './kubelet/measured-values.ts';
import { metricsResource, metricsResourceType } from './kubelet/metrics-resource.ts';
import { statsSummary } from './kubelet/stats-summary.ts';
import { MachineFactsReader } from './machine-facts.ts';
import type { PageFiles } from './page-file.ts';
import { StateEvents, type StateEventsDeps } from './state-events.ts';
import { bundleName, writeBundle } from './support-bundle.ts';

/** What the pages show. */
export interface DebugAppDeps extends StateEventsDeps {
  readonly pod: (namespace: string, name: string) => PodDetail | DebugError;
  /** @param withSignals whether with limits, pressure and kinds of memory, which are read only while somebody looks */
  readonly measured: (withSignals: boolean) => MeasuredNode;
  /** Recent lines of the log, oldest first. */
  readonly recentLog: () => readonly string[];
  /** Of what is beside the agent: Node, the kernel. */
  readonly versions: Readonly<Record<string, string>>;
  /** The files of the page; none where there is no page. */
  readonly pageFiles: () => Promise<PageFiles>;
}

/** Nothing but this endpoint's own files, and no other page may put it into a frame. */
const contentSecurityPolicy =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/** Of a bundle that is given up half-way. */
const readerGone = 'ERR_STREAM_PREMATURE_CLOSE';

/** The paths of the debug endpoint. Loaded with the first request: an agent that nobody looks at does not pay for it. */
export function createDebugApp(deps: DebugAppDeps): RequestListener {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.enable('case sensitive routing');
  app.enable('strict routing');
  const events = new StateEvents(deps);
  const machine = new MachineFactsReader();
  const routes: Readonly<Record<string, RequestHandler>> = {
    '/debug/state': (_request, response) => void response.json(deps.state({ kernelFiles: true })),
    '/debug/pods/:namespace/:name': ({ params: { namespace, name } }, response) => {
      const detail = deps.pod(String(namespace), String(name));
      response.status('error' in detail ? 404 : 200).json(detail);
    },
    '/metrics/resource': (_request, response) => {
      response
        .set('Content-Type', metricsResourceType)
        .send(Buffer.from(metricsResource(deps.measured(false))));
    },
    '/stats/summary': ({ query }, response) => {
      response.json(statsSummary(deps.measured(true), query['only_cpu_and_memory'] === 'true'));
    },
    '/debug/bundle': async (request, response) => {
      const state = deps.state({ kernelFiles: true });
      const name = bundleName(state);
      response.attachment(`${name}.tar.gz`).type('application/gzip');
      if (request.method === 'HEAD') return void response.end();
      const { recentLog, versions } = deps;
      await writeBundle(name, { state, measured: deps.measured(true), log: recentLog(), versions }, response);
    },
    '/debug/machine': async (_request, response) => void response.json(await machine.read()),
    '/debug/events': (request, response) => {
      if (request.method === 'HEAD') return void response.type('text/event-stream').end();
      if (!events.add(response)) response.status(503).json({ error: 'too many listen already' });
    },
  };
  for (const [path, handler] of Object.entries(routes)) {
    app
      .route(path)
      .get(handler)
      .all((_request, response) => {
        response.status(405).set('Allow', 'GET, HEAD').json({ error: 'expected GET or HEAD' });
      });
  }
  app.use(async (request, response, next) => {
    const file = (await deps.pageFiles()).get(request.path);
    if (file === undefined) return next();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.status(405).set('Allow', 'GET, HEAD').json({ error: 'expected GET or HEAD' });
      return;
    }
    response.set('Content-Security-Policy', contentSecurityPolicy).type(file.type).send(file.body);
  });
  app.use((_request, response) => {
    response.status(404).json({ error: `expected one of ${Object.keys(routes).join(', ')}` });
  });
  const failed: ErrorRequestHandler = (error, request, response, _next) => {
    if (error.code === readerGone) return;
    if (error.status < 500) {
      response.status(error.status).json({ error: `expected a well-formed request: ${error.message}` });
      return;
    }
    deps.onError(request.path, error);
    if (response.headersSent) response.destroy();
    else response.status(500).json({ error: 'this page could not be made; the agent’s log says why' });
  };
  app.use(failed);
  return app;
}
