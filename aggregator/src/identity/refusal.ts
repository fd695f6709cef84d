import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { respondStatus, type Status } from '../api/protocol/status.ts';
import { goQuote } from '../api/text/go-quote.ts';
import type { User } from './user.ts';
import type { ResourceAttributes, Wanted } from './wanted.ts';

/** Where an answer repeats what the caller has sent, no browser shall take it for a page. */
const noSniffing = { 'X-Content-Type-Options': 'nosniff' };
const plainText = {
  'Content-Type': 'text/plain; charset=utf-8',
  'Cache-Control': 'no-cache, private',
  ...noSniffing,
};

/** 401 for a credential that does not hold: which, and why not, is for the log alone. */
export function unauthorized(request: ApiRequest): ApiResponse {
  return respondStatus({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' }, request);
}

/** 403, worded as Kubernetes does. @param reason the authorizer's, or '' */
export function forbidden(request: ApiRequest, user: User, wanted: Wanted, reason: string): ApiResponse {
  const suffix = reason === '' ? '' : `: ${reason}`;
  if ('nonResourceAttributes' in wanted) {
    const { path, verb } = wanted.nonResourceAttributes;
    const message = `forbidden: ${sanitized(`User ${goQuote(user.name)} cannot ${verb} path ${goQuote(path)}`)}${suffix}`;
    return statusWithoutSniffing({ code: 403, reason: 'Forbidden', message, details: {} }, request);
  }
  const { verb, group, resource, subresource, namespace, name } = wanted.resourceAttributes;
  const kind = subresource === undefined ? resource : `${resource}/${subresource}`;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  const denied = `User ${goQuote(user.name)} cannot ${verb} resource ${goQuote(kind)} in API group ${goQuote(group)} ${scope}`;
  const message = `${subjectOf(wanted.resourceAttributes)}forbidden: ${sanitized(denied)}${suffix}`;
  const details = {
    ...(name === undefined ? {} : { name }),
    ...(group === '' ? {} : { group }),
    ...(resource === '' ? {} : { kind: resource }),
  };
  return statusWithoutSniffing({ code: 403, reason: 'Forbidden', message, details }, request);
}

/** 400 for a request that contradicts itself before anything is decided. */
export function badIdentity(request: ApiRequest, message: string): ApiResponse {
  return statusWithoutSniffing({ code: 400, reason: 'BadRequest', message }, request);
}

/** 500 where nobody could decide. @param requestUri path and query as they came */
export function undecided(requestUri: string, reason: string): ApiResponse {
  return plain(500, sanitized(`Internal Server Error: ${goQuote(requestUri)}: ${reason}`));
}

/** 429 where too many decisions are waited for already. */
export function overloaded(): ApiResponse {
  const { headers, ...rest } = plain(429, 'Too many requests, please try again later.');
  return { ...rest, headers: { ...headers, 'Retry-After': '1' } };
}

function subjectOf({ group, resource, name }: ResourceAttributes): string {
  if (group === '' && resource === '') return '';
  const subject = group === '' ? resource : `${resource}.${group}`;
  return name === undefined ? `${subject} is ` : `${subject} ${goQuote(name)} is `;
}

function statusWithoutSniffing(status: Status, request: ApiRequest): ApiResponse {
  const { headers, ...rest } = respondStatus(status, request);
  return { ...rest, headers: { ...headers, ...noSniffing } };
}

function plain(status: number, text: string): ApiResponse {
  return { status, headers: plainText, body: `${text}\n` };
}

/** Kubernetes keeps its errors from looking like HTML. */
function sanitized(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
