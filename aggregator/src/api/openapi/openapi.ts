import type { ApiRequest, ApiResponse } from '../protocol/api-message.ts';
import { pathNotFound, respondStatus } from '../protocol/status.ts';
import {
  type OpenApiFile,
  openApiFile,
  respondFile,
  respondJsonFile,
  type Specification,
} from './openapi-file.ts';
import { openApiMessage } from './openapi-message.ts';
import { openApiV2Document } from './openapi-v2-document.ts';
import { openApiV3Documents } from './openapi-v3-documents.ts';

export interface OpenApiOptions {
  /** Of the program, such as `v0.1.0`. */
  readonly version: string;
  /** What discovery advertises of each resource. */
  readonly verbs: readonly string[];
  /** Unix time. */
  wallMs(): number;
}

const v2Path = '/openapi/v2';
const v3Path = '/openapi/v3';
const v2GzipAboveBytes = 1_400;
const yearMs = 365 * 24 * 3600 * 1000;

/** For the index page. */
export const openApiPaths: readonly string[] = [v2Path, v3Path, `${v3Path}/`];

/**
 * Answers the paths of OpenAPI, and undefined elsewhere. The documents are made when first asked for and kept.
 *
 * As Kubernetes' servers, but for two things: a `hash` that is not the document's gets the document, not a redirect,
 * which kube-apiserver would turn into 502; and a path that has no document gets 404, not 200 with nothing.
 */
export function createOpenApi(options: OpenApiOptions): (request: ApiRequest) => ApiResponse | undefined {
  const modifiedMs = options.wallMs();
  const info = { title: 'tacho', version: options.version };
  const v2 = once(() => file('v2', openApiV2Document(info, options.verbs)));
  const v3 = once(() => v3Files(openApiV3Documents(info, options.verbs)));
  const index = once(() => openApiFile(v3Index(v3())));

  return (request) => {
    const path = decodeURIComponent(request.path);
    if (path === v2Path) {
      // The one document that Kubernetes' servers compress whenever it is worth while.
      return { ...respondFile(request, v2(), 'v2', { modifiedMs }), gzipAboveBytes: v2GzipAboveBytes };
    }
    if (path === v3Path) return respondJsonFile(request, index(), { modifiedMs });
    if (!path.startsWith(`${v3Path}/`)) return undefined;
    const found = v3().get(path.slice(v3Path.length + 1));
    if (found === undefined) return respondStatus(pathNotFound().status, request);
    const isExact = request.query.get('hash') === found.digest;
    const freshness = isExact ? { modifiedMs, expiresMs: options.wallMs() + yearMs } : { modifiedMs };
    return respondFile(request, found, 'v3', freshness);
  };
}

function file(specification: Specification, document: object): OpenApiFile {
  return openApiFile(
    document,
    once(() => openApiMessage(specification, document)),
  );
}

function v3Files(documents: Readonly<Record<string, object>>): ReadonlyMap<string, OpenApiFile> {
  return new Map(Object.entries(documents).map(([path, document]) => [path, file('v3', document)]));
}

/** Where each document is; the hash lets clients keep it as long as it is the same. */
function v3Index(files: ReadonlyMap<string, OpenApiFile>) {
  const paths = [...files].map(([path, { digest }]) => [
    path,
    { serverRelativeURL: `${v3Path}/${path}?hash=${digest}` },
  ]);
  return { paths: Object.fromEntries(paths) };
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
