import type { Logger } from 'pino';
import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { type AccessReview, Undecided } from './access-review.ts';
import { type AuthenticationDeps, authenticate, type Caller } from './authentication.ts';
import { impersonated } from './impersonation.ts';
import { forbidden, overloaded, unauthorized, undecided } from './refusal.ts';
import { TooManyReviews } from './shared-reviews.ts';
import { decodedPath, wantedBy } from './wanted.ts';

/** What of an incoming request the gate looks at besides the request itself. */
export interface Incoming extends Caller {
  /** Path and query as they came. */
  readonly requestUri: string;
}

/** How an attempt to authenticate ended, in the words of Kubernetes' metric authentication_attempts. */
export type AuthenticationResult = 'success' | 'error';

/** What letting requests in needs. */
export interface GateDeps extends AuthenticationDeps {
  readonly access: Pick<AccessReview, 'decide'>;
  readonly log: Logger;
  /** Told of each request. @param username undefined for one that is refused */
  readonly onAuthentication?: (result: AuthenticationResult, username: string | undefined) => void;
}

/**
 * Who asks, and may they? In the order of Kubernetes: authentication, impersonation, authorization.
 * @returns undefined when the request may go on, otherwise the answer to give
 * @throws the signal's reason when the caller has gone, and what the authorizer throws without having been asked
 */
export async function refuse(
  request: ApiRequest,
  incoming: Incoming,
  deps: GateDeps,
  signal: AbortSignal,
): Promise<ApiResponse | undefined> {
  const authentication = await authenticate(incoming, request.header('authorization'), deps, signal);
  signal.throwIfAborted();
  if ('errors' in authentication) {
    deps.onAuthentication?.('error', undefined);
    deps.log.debug({ path: request.path, reasons: authentication.errors }, 'request is not authenticated');
    return unauthorized(request);
  }
  deps.onAuthentication?.('success', authentication.user.name);
  try {
    const impersonation = await impersonated(
      request,
      authentication.user,
      incoming.rawHeaders,
      deps.access,
      signal,
    );
    if ('refusal' in impersonation) return impersonation.refusal;
    const { user } = impersonation;
    const path = decodedPath(request.path);
    const wanted = wantedBy(request.method, path, request.query);
    const { allowed, reason } = await deps.access.decide(user, wanted, signal, path);
    return allowed ? undefined : forbidden(request, user, wanted, reason);
  } catch (error) {
    if (error instanceof TooManyReviews) return overloaded();
    if (!(error instanceof Undecided)) throw error;
    deps.log.error({ path: request.path, reason: error.message }, 'cannot authorize a request');
    return undecided(incoming.requestUri, error.message);
  }
}
