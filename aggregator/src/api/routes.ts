import {
  aggregatedDiscoveryTransforms,
  respondAggregatedDiscovery,
} from './discovery/aggregated-discovery.ts';
import { apiGroup, apiGroupList, apiResourceList } from './discovery/discovery.ts';
import { respondIndex } from './discovery/index-page.ts';
import { type ItemsOptions, respondItems } from './items.ts';
import { createOpenApi } from './openapi/openapi.ts';
import type { ApiRequest, ApiResponse } from './protocol/api-message.ts';
import { type Document, respond, respondIndentedJson } from './protocol/document.ts';
import { verbsOf } from './protocol/metrics-group.ts';
import {
  mediaTypes,
  negotiate,
  routeProduces,
  streamedMediaTypes,
  untransformed,
} from './protocol/negotiation.ts';
import { findRoute, type Route } from './protocol/route-path.ts';
import {
  badRequest,
  methodNotAllowed,
  notAcceptable,
  notProduced,
  pathNotFound,
  respondStatus,
  StatusError,
} from './protocol/status.ts';
import { checkTimeout, isWatch } from './selectors/list-options.ts';
import { goJson } from './text/go-json.ts';

/** `/version`, keys in the order of Kubernetes' version.Info. */
export interface ServerVersion {
  readonly major: string;
  readonly minor: string;
  readonly gitVersion: string;
  readonly gitCommit: string;
  readonly gitTreeState: string;
  readonly buildDate: string;
  readonly goVersion: string;
  readonly compiler: string;
  readonly platform: string;
}

export interface MetricsApiOptions extends ItemsOptions {
  readonly version: ServerVersion;
  /** `:PORT`, where this server listens: part of `/apis`. */
  readonly serverAddress: string;
  /** Paths served around the API, for the index. */
  readonly otherPaths: readonly string[];
}

/**
 * metrics.k8s.io for requests that may read it: who asks has been settled before.
 *
 * Every request gets an answer; what the function throws is a defect of ours.
 */
export function createMetricsApi(options: MetricsApiOptions): (request: ApiRequest) => ApiResponse {
  const { version, revisions, wallMs } = options;
  const openApi = createOpenApi({ version: version.gitVersion, verbs: verbsOf(revisions), wallMs });
  return (request) => {
    try {
      return handle(request, options, openApi);
    } catch (error) {
      if (error instanceof StatusError) return respondStatus(error.status, request);
      throw error;
    }
  };
}

function handle(
  request: ApiRequest,
  options: MetricsApiOptions,
  openApi: (request: ApiRequest) => ApiResponse | undefined,
): ApiResponse {
  const route = findRoute(request.path);
  if (route === undefined) throw badRequest('the path of the request is not valid percent-encoding');
  // A watch has no deadline of this kind.
  if (route.type !== 'items' || route.name !== undefined || !isWatch(request.query))
    checkTimeout(request.query);

  if (route.type === 'root') return respondIndex(200, options.otherPaths);
  if (route.type === 'elsewhere') return openApi(request) ?? respondIndex(404, options.otherPaths);
  if (route.type === 'nothing-in-group') throw pathNotFound();
  if (request.method !== 'GET') throw methodNotAllowed();

  const produced = producedBy(route);
  if (!routeProduces(request.header('accept'), produced)) {
    return respondStatus(notProduced(produced), request);
  }
  return respondRoute(route, request, options);
}

type ServedRoute = Exclude<Route, { type: 'root' | 'elsewhere' | 'nothing-in-group' }>;

function producedBy(route: ServedRoute): readonly string[] {
  if (route.type === 'server-version') return ['application/json'];
  const isList = route.type === 'items' && route.name === undefined;
  return isList ? [...mediaTypes, ...streamedMediaTypes] : mediaTypes;
}

function respondRoute(route: ServedRoute, request: ApiRequest, options: MetricsApiOptions): ApiResponse {
  const verbs = verbsOf(options.revisions);
  switch (route.type) {
    case 'server-version':
      return respondIndentedJson(200, goJson(options.version));
    case 'groups': {
      const form = negotiate(request, aggregatedDiscoveryTransforms);
      if (form?.transform !== undefined) {
        return respondAggregatedDiscovery(request, { ...form, transform: form.transform }, verbs);
      }
      return respondPlain(apiGroupList(options.serverAddress), request);
    }
    case 'group':
      return respondPlain(apiGroup(), request);
    case 'resources':
      return respondPlain(apiResourceList(route.version, verbs), request);
    case 'items':
      return respondItems(route, request, options);
  }
}

function respondPlain(document: Document, request: ApiRequest): ApiResponse {
  const form = negotiate(request, untransformed);
  if (form === undefined) throw notAcceptable();
  return respond(200, document, form);
}
