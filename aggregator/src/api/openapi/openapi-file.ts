import { createHash } from 'node:crypto';
import { parseAccept } from '../protocol/accept-header.ts';
import type { ApiRequest, ApiResponse } from '../protocol/api-message.ts';

/** A document in the forms in which it is served. */
export interface OpenApiFile {
  readonly json: Buffer;
  /** Upper-case hexadecimal SHA-512 of the JSON; tells one document from another in every form. */
  readonly digest: string;
  /** gnostic's message; absent where there is no such form. */
  readonly protobuf?: () => Buffer;
}

/** Which specification: it decides what the protobuf form is called. */
export type Specification = 'v2' | 'v3';

export interface Freshness {
  /** When the documents were made. */
  readonly modifiedMs: number;
  /** From now on until then, the answer may be kept; absent: not at all. */
  readonly expiresMs?: number;
}

/** Encodes once what is served often. */
export function openApiFile(document: object, protobuf?: () => Buffer): OpenApiFile {
  const json = Buffer.from(JSON.stringify(document), 'utf8');
  const digest = createHash('sha512').update(json).digest('hex').toUpperCase();
  return { json, digest, ...(protobuf && { protobuf }) };
}

/** The document in the form that Accept names, 304 to who has it, or 406 with nothing. */
export function respondFile(
  request: ApiRequest,
  file: OpenApiFile,
  specification: Specification,
  freshness: Freshness,
): ApiResponse {
  const form = formOf(request, file, specification);
  if (form === undefined) {
    const headers = { 'Cache-Control': 'no-cache, private', Vary: 'Accept' };
    return { status: 406, headers, body: '' };
  }
  return conditional(request, form, file.digest, freshness, { Vary: 'Accept' });
}

/** JSON whatever Accept says, or 304. */
export function respondJsonFile(request: ApiRequest, file: OpenApiFile, freshness: Freshness): ApiResponse {
  return conditional(request, jsonForm(file), file.digest, freshness, {});
}

interface Form {
  readonly contentType: string;
  body(): Buffer;
}

function jsonForm({ json }: OpenApiFile): Form {
  return { contentType: 'application/json', body: () => json };
}

function formOf(request: ApiRequest, file: OpenApiFile, specification: Specification): Form | undefined {
  const name = `com.github.proto-openapi.spec.${specification}`;
  for (const { type, subtype } of parseAccept(request.header('accept') || '*/*')) {
    if (type !== 'application' && type !== '*') continue;
    if (subtype === 'json' || subtype === '*') return jsonForm(file);
    if (file.protobuf === undefined) continue;
    // The first spelling is no valid media type but the older one; the answer bears the second in either case.
    if (subtype === `${name}@v1.0+protobuf` || subtype === `${name}.v1.0+protobuf`) {
      return { contentType: `application/${name}.v1.0+protobuf`, body: file.protobuf };
    }
  }
  return undefined;
}

/** As Go's http.ServeContent: If-None-Match decides, If-Modified-Since only without it (RFC 9110 13.2.2). */
function conditional(
  request: ApiRequest,
  { contentType, body }: Form,
  digest: string,
  { modifiedMs, expiresMs }: Freshness,
  vary: Readonly<Record<string, string>>,
): ApiResponse {
  const headers = {
    ...(expiresMs === undefined
      ? { 'Cache-Control': 'no-cache, private' }
      : { 'Cache-Control': 'public, immutable', Expires: new Date(expiresMs).toUTCString() }),
    Etag: `"${digest}"`,
    ...vary,
  };
  if (isKnown(request, headers.Etag, modifiedMs)) return { status: 304, headers, body: '' };
  const lastModified = new Date(modifiedMs).toUTCString();
  return {
    status: 200,
    headers: { ...headers, 'Last-Modified': lastModified, 'Content-Type': contentType },
    body: body(),
  };
}

function isKnown(request: ApiRequest, etag: string, modifiedMs: number): boolean {
  const tags = request.header('if-none-match');
  if (tags !== undefined) {
    // Compared weakly: a W/ in front does not count.
    return tags.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
  }
  const since = Date.parse(request.header('if-modified-since') ?? '');
  return Math.trunc(modifiedMs / 1000) * 1000 <= since;
}
