import type { IncomingMessage, ServerResponse } from 'node:http';
import { discoverBackend } from './aggregated-discovery.ts';
import type { Aggregation } from './aggregation.ts';
import type { AuthorizationRule } from './authorization.ts';
import {
  acceptsAggregated,
  aggregatedDiscoveryType,
  apiGroup,
  apiGroupList,
  apiResourceList,
  apiVersions,
  groupDiscoveryList,
  ownDiscovery,
  ownGroups,
  version,
} from './discovery.ts';
import { type ObjectApi, serveObjects } from './object-api.ts';
import { mergedProtobuf, mergedSwagger, openApiBackend, openApiIndex } from './openapi.ts';
import { openApiV2ProtobufType } from './openapi-v2-protobuf.ts';
import { proxy } from './proxy.ts';
import type { RequestInfo, ResourceRequest } from './request-info.ts';
import { findResourceType } from './resource-types.ts';
import { readJson, respondJson, respondText } from './respond.ts';
import { type Faults, reviewAccess, reviewToken } from './reviews.ts';
import { internalError, methodNotAllowed, StatusError, unknownResource } from './status.ts';
import type { TokenIssuer, User } from './tokens.ts';

export interface RouteDeps {
  objects: ObjectApi;
  aggregation: Aggregation;
  tokens: TokenIssuer;
  allows: AuthorizationRule;
  faults: Faults;
  signal: AbortSignal;
}

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  info: RequestInfo;
  user: User;
}

/** Answers a request whose caller is known and allowed. Rejects with a StatusError to answer with. */
export async function route(deps: RouteDeps, exchange: Exchange): Promise<void> {
  const { info, request, response, user } = exchange;
  const [prefix, group = '', groupVersion = ''] = info.path.split('/').filter(Boolean);
  const aggregated = prefix === 'apis' && deps.aggregation.find(group, groupVersion);
  if (aggregated) {
    proxy(aggregated, { info, user, signal: deps.signal }, request, response);
  } else if (info.resource) {
    await serveResource(deps, exchange, info.resource);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw methodNotAllowed();
  } else if (prefix === 'openapi' && deps.aggregation.versions().length > 0) {
    await serveOpenApi(deps, exchange);
  } else {
    await servePath(deps, exchange);
  }
}

/** Only what backends bring along: see openapi.ts. */
async function serveOpenApi(
  { aggregation, signal }: RouteDeps,
  { request, response, info, user }: Exchange,
): Promise<void> {
  const document = /^\/openapi\/v3\/(?<name>.+)$/.exec(info.path)?.groups?.['name'];
  if (info.path === '/openapi/v3') {
    respondJson(response, 200, await openApiIndex(aggregation, signal));
  } else if (document !== undefined) {
    const backend = await openApiBackend(aggregation, document, signal);
    if (backend) proxy(backend, { info, user, signal }, request, response);
    else respondText(response, 404, '404 page not found');
  } else if (info.path !== '/openapi/v2') {
    respondText(response, 404, '404 page not found');
  } else if (request.headers.accept?.includes('protobuf')) {
    response.writeHead(200, { 'Content-Type': openApiV2ProtobufType });
    response.end(await mergedProtobuf(aggregation, signal));
  } else {
    respondJson(response, 200, await mergedSwagger(aggregation, signal));
  }
}

async function serveResource(
  { objects, tokens, allows, faults }: RouteDeps,
  { request, response, info }: Exchange,
  resource: ResourceRequest,
): Promise<void> {
  const type = findResourceType(resource.group, resource.version, resource.resource);
  if (type) {
    await serveObjects(objects, type, info, resource, { request, response });
    return;
  }
  const { group, version: apiVersion, resource: plural } = resource;
  const review = `${group}/${apiVersion}/${plural}`;
  if (review === 'authentication.k8s.io/v1/tokenreviews') {
    await serveReview('tokenReview', (body) => reviewToken(body, tokens));
  } else if (review === 'authorization.k8s.io/v1/subjectaccessreviews') {
    await serveReview('subjectAccessReview', (body) => reviewAccess(body, allows));
  } else {
    throw unknownResource();
  }

  async function serveReview(kind: keyof Faults, answer: (body: unknown) => unknown): Promise<void> {
    if (info.verb !== 'create') throw methodNotAllowed();
    if (faults[kind] === 'hang') return;
    if (faults[kind] === 'throttle') {
      response.setHeader('Retry-After', '1');
      throw new StatusError(429, 'TooManyRequests', `${kind} was told to ask for patience`);
    }
    if (faults[kind] === 'error') throw internalError(`${kind} was told to fail`);
    respondJson(response, 201, answer(await readJson(request)));
  }
}

async function servePath(deps: RouteDeps, { request, response, info }: Exchange): Promise<void> {
  const path = info.path.replace(/(?<=.)\/$/, '');
  const group = /^\/apis\/(?<name>[^/]+)$/.exec(path)?.groups?.['name'];
  const ownGroup = path === '/api/v1' ? '' : /^\/apis\/(?<name>[^/]+)\/v1$/.exec(path)?.groups?.['name'];
  const aggregatedForm = acceptsAggregated(request.headers.accept);

  if (path === '/healthz' || path === '/livez' || path === '/readyz') respondText(response, 200, 'ok');
  else if (path === '/version') respondJson(response, 200, version);
  else if (path === '/api' && aggregatedForm) {
    respondJson(response, 200, groupDiscoveryList([ownDiscovery('')]), aggregatedDiscoveryType);
  } else if (path === '/api') respondJson(response, 200, apiVersions(request.headers.host ?? ''));
  else if (path === '/apis' && aggregatedForm) {
    respondJson(response, 200, await wholeDiscovery(deps), aggregatedDiscoveryType);
  } else if (path === '/apis') respondJson(response, 200, apiGroupList(groupVersions(deps.aggregation)));
  else if (ownGroup !== undefined && ownGroups.includes(ownGroup)) {
    respondJson(response, 200, apiResourceList(ownGroup));
  } else {
    const versions = group === undefined ? undefined : groupVersions(deps.aggregation).get(group);
    if (group !== undefined && versions) {
      respondJson(response, 200, { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) });
    } else {
      respondText(response, 404, '404 page not found');
    }
  }
}

/** The named groups with their versions, the stand-in's own before those of backends. */
function groupVersions(aggregation: Aggregation): Map<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>(
    ownGroups.filter(Boolean).map((group) => [group, ['v1']] as const),
  );
  for (const { group, version } of aggregation.versions()) {
    groups.set(group, [...(groups.get(group) ?? []), version]);
  }
  return groups;
}

async function wholeDiscovery({ aggregation, signal }: RouteDeps): Promise<unknown> {
  const backends = await Promise.all(aggregation.versions().map((one) => discoverBackend(one, signal)));
  return groupDiscoveryList([...ownGroups.filter(Boolean).map(ownDiscovery), ...backends]);
}
