import type { X509Certificate } from 'node:crypto';
import type { ApiRequest } from '../api/api-message.ts';
import { goQuote } from '../api/go-quote.ts';
import type { Status } from '../api/status.ts';
import { type AccessReview, type Wanted, wantedBy } from './access-review.ts';
import { type FrontProxyTrust, frontProxyUser } from './front-proxy.ts';
import type { User } from './user.ts';

/** A request with what its connection says of the caller. */
export interface Caller {
  readonly certificate: X509Certificate | undefined;
  /** name, value, name, value …, as they came. */
  readonly rawHeaders: readonly string[];
}

/** What letting requests in needs. */
export interface GateDeps {
  readonly trust: () => FrontProxyTrust | undefined;
  readonly access: Pick<AccessReview, 'decide'>;
  readonly wallMs: () => number;
}

const anonymous: User = { name: 'system:anonymous', uid: '', groups: ['system:unauthenticated'], extra: {} };
const unauthorized: Status = { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };

/**
 * Who asks, and may they? kube-apiserver's aggregator speaks for its users; whoever comes without any credentials is
 * anonymous and needs an authorizer's yes; any other credential is refused.
 * @returns undefined when the request may go on, otherwise the answer to give
 * @throws when the API server cannot answer
 */
export async function refuse(
  request: ApiRequest,
  caller: Caller,
  deps: GateDeps,
  signal: AbortSignal,
): Promise<Status | undefined> {
  const user = authenticate(request, caller, deps);
  if (user === undefined) return unauthorized;
  const wanted = wantedBy(request.method, request.path, request.query);
  const { allowed, reason } = await deps.access.decide(user, wanted, signal);
  return allowed ? undefined : forbidden(user, wanted, reason);
}

function authenticate(request: ApiRequest, caller: Caller, deps: GateDeps): User | undefined {
  const trust = deps.trust();
  const user =
    trust === undefined
      ? undefined
      : frontProxyUser(trust, caller.certificate, caller.rawHeaders, deps.wallMs());
  if (user !== undefined) return user;
  const hasCredential = caller.certificate !== undefined || request.header('authorization') !== undefined;
  return hasCredential ? undefined : anonymous;
}

function forbidden(user: User, wanted: Wanted, reason: string): Status {
  const suffix = reason === '' ? '' : `: ${reason}`;
  if ('nonResourceAttributes' in wanted) {
    const { path, verb } = wanted.nonResourceAttributes;
    const message = `forbidden: User ${goQuote(user.name)} cannot ${verb} path ${goQuote(path)}${suffix}`;
    return { code: 403, reason: 'Forbidden', message, details: {} };
  }
  const { verb, group, resource, namespace, name } = wanted.resourceAttributes;
  const scope = namespace === undefined ? 'at the cluster scope' : `in the namespace ${goQuote(namespace)}`;
  const message =
    `${resource}.${group} ${name === undefined ? '' : `${goQuote(name)} `}is forbidden: User ${goQuote(user.name)} ` +
    `cannot ${verb} resource ${goQuote(resource)} in API group ${goQuote(group)} ${scope}${suffix}`;
  const details = { ...(name === undefined ? {} : { name }), group, kind: resource };
  return { code: 403, reason: 'Forbidden', message, details };
}
