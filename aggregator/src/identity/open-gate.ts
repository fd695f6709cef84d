import type { Logger } from 'pino';
import type { KubeClient } from '../kube/kube-client.ts';
import type { RetryDeps } from '../kube/review-retries.ts';
import { reviewUserToken } from '../kube/token-review.ts';
import { AccessReview, type AccessReviewDeps } from './access-review.ts';
import {
  type AuthenticationOptions,
  type AuthorizationOptions,
  usualAuthentication,
  usualAuthorization,
} from './authentication-options.ts';
import { BearerTokens } from './bearer-token.ts';
import { ClientTrust } from './client-trust.ts';
import type { GateDeps } from './gate.ts';
import { PeerCertificates } from './peer-certificate.ts';
import { PublishedTrust } from './published-trust.ts';
import { trustFiles } from './trust-files.ts';

/** What a gate is made of. */
export interface OpenGateDeps {
  /** Reviews tokens. */
  readonly authentication: Pick<KubeClient, 'post'>;
  /** Reviews accesses. */
  readonly authorization: Pick<KubeClient, 'post'>;
  readonly retries: RetryDeps;
  readonly log: Logger;
  readonly monotonicMs: () => number;
  readonly wallMs: () => number;
  readonly onLookup?: AccessReviewDeps['onLookup'];
}

/** A gate, and what keeps it in step. */
export interface OpenGate {
  readonly gate: GateDeps;
  readonly trust: ClientTrust;
  /** What the ConfigMap has to be followed into; undefined: nothing is looked up. */
  readonly published: PublishedTrust | undefined;
}

/**
 * A gate by these options; the files that they name are followed until the signal says stop.
 * @throws with the flag and what is wrong with it
 */
export function openGate(
  { authentication, authorization, retries, log, monotonicMs, wallMs, onLookup }: OpenGateDeps,
  signal: AbortSignal,
  authenticationOptions: AuthenticationOptions = usualAuthentication,
  authorizationOptions: AuthorizationOptions = usualAuthorization,
): OpenGate {
  const trust = new ClientTrust();
  const parts = trustFiles({ log, trust }, authenticationOptions, signal);
  const tokens = new BearerTokens(
    { review: (token, until) => reviewUserToken(authentication, retries, token, until), monotonicMs },
    authenticationOptions.tokenTtlMs,
  );
  const access = new AccessReview(
    { client: authorization, retries, monotonicMs, onLookup },
    authorizationOptions,
  );
  return {
    gate: { trust: () => trust.current, peers: new PeerCertificates(), tokens, access, wallMs, log },
    trust,
    published: parts.frontProxy || parts.clientCa ? new PublishedTrust(log, trust, parts) : undefined,
  };
}
