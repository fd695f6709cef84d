/**
 * A stand-in for kube-apiserver, so that real clients (kubectl, the aggregator) work on one machine without a cluster.
 *
 * Real: TLS and both CAs, client certificates and bearer tokens, 401/403 answers, GET/LIST/WATCH with selectors, pages
 * and 410, PUT and merge patches, discovery, TokenReview, SubjectAccessReview, the aggregation layer with its availability probe.
 * Not there: etcd, controllers, admission, creating and deleting over HTTP, RBAC objects (one rule function decides), protobuf and Table
 * answers for core objects, OpenAPI other than that of backends, HTTP/2.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type ApiServiceRegistration, type ApiServiceState, createAggregation } from './aggregation.ts';
import { authenticate, extensionAuthenticationConfigMap } from './authentication.ts';
import { type AuthorizationRule, aggregatorRule, authorize, withMasters } from './authorization.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { createObjectStore, type ObjectStore } from './object-store.ts';
import { createPki, type Pki } from './pki.ts';
import { parseRequest } from './request-info.ts';
import { resourceTypes } from './resource-types.ts';
import { respondError } from './respond.ts';
import type { Faults } from './reviews.ts';
import { type RouteDeps, route } from './routes.ts';
import { unauthorized } from './status.ts';
import { createTokenIssuer, type TokenClaims } from './tokens.ts';

export interface StandInOptions {
  /** 127.0.0.1 by default. */
  address?: string;
  /** 0 (the default) takes a free one. */
  port?: number;
  /** Who may do what, besides system:masters; the default is aggregatorRule(). */
  authorize?: AuthorizationRule;
  /** Between two probes of an available APIService, and the longest wait between two of one that is not. */
  probeIntervalMs?: number;
  bookmarkIntervalMs?: number;
  /** How many changes a watch can go back. */
  historyLimit?: number;
  /** For timestamps and the end of tokens. */
  now?: () => Date;
  log?: (line: string) => void;
}

/** A user of a kubeconfig: a name and groups get a client certificate, a token is taken as it is. */
export type KubeconfigUser = { username: string; groups?: readonly string[] } | { token: string };

export interface StandInKubeApiserver extends AsyncDisposable {
  /** `https://<address>:<port>` */
  url: string;
  pki: Pki;
  /** Nodes, pods and the rest: what a test puts here is what clients see. */
  store: ObjectStore;
  /** Set and clear at any time. */
  faults: Faults;
  /** An opaque bearer token; `audiences` for tokens meant for another server, `extra` for a pod's and node's name. */
  issueToken(claims: TokenClaims): string;
  revokeToken(token: string): void;
  /** Resolves when each version has been probed once; whether it is available, apiServices() says. */
  registerApiService(registration: ApiServiceRegistration): Promise<void>;
  apiServices(): ApiServiceState[];
  kubeconfig(user: KubeconfigUser): Promise<string>;
  /** Ends every watch, probe and connection. */
  close(): Promise<void>;
}

/** An admin as kubeadm makes him. */
export const admin = { username: 'kubernetes-admin', groups: ['system:masters'] } as const;

export async function startKubeApiserver(options: StandInOptions = {}): Promise<StandInKubeApiserver> {
  const {
    address = '127.0.0.1',
    port = 0,
    probeIntervalMs = 30_000,
    bookmarkIntervalMs = 60_000,
    log = () => {},
  } = options;
  const { now = () => new Date(), historyLimit } = options;
  const closing = new AbortController();
  const { signal } = closing;
  const pki = await createPki();
  const [serving, frontProxy] = await Promise.all([
    pki.clusterCa.issueServing([address, 'localhost', 'kubernetes', 'kubernetes.default.svc']),
    pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' }),
  ]);

  const store = createObjectStore({ now }, { types: resourceTypes, ...(historyLimit && { historyLimit }) });
  for (const name of ['default', 'kube-system']) {
    store.create('namespaces', { metadata: { name }, status: { phase: 'Active' } });
  }
  store.create('configmaps', extensionAuthenticationConfigMap(pki));

  const tokens = createTokenIssuer({ now });
  const aggregation = createAggregation({ store, frontProxy, now }, { probeIntervalMs, signal });
  const faults: Faults = {};
  const allows = withMasters(options.authorize ?? aggregatorRule());
  const objects = { store, bookmarkIntervalMs, signal };
  const deps: RouteDeps = { objects, aggregation, tokens, allows, faults, signal };

  const server = createServer(
    {
      key: serving.key,
      cert: serving.certificate,
      ca: pki.clusterCa.certificate,
      requestCert: true,
      // A certificate that does not verify is answered with 401, not with a broken handshake.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      maxHeaderSize: 1 << 20,
      // Longer than clients keep an idle connection, as Go's server does: otherwise a request meets its end.
      keepAliveTimeout: 180_000,
    },
    async (request, response) => {
      try {
        const info = parseRequest(request.method ?? 'GET', request.url ?? '/');
        const user = authenticate(request, tokens);
        if (!user) throw unauthorized();
        authorize(allows, user, info);
        await route(deps, { request, response, info, user });
      } catch (error) {
        respondError(response, error);
      }
    },
  );
  // Node would silently drop the headers of a user with very many groups.
  server.maxHeadersCount = 0;
  server.listen(port, address);
  await once(server, 'listening');
  const url = `https://${address}:${(server.address() as AddressInfo).port}`;
  log(`kube-apiserver stand-in (no cluster, objects in memory) listening on ${url}`);

  async function close(): Promise<void> {
    if (signal.aborted) return;
    closing.abort();
    aggregation.close();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  return {
    url,
    pki,
    store,
    faults,
    issueToken: tokens.issue,
    revokeToken: tokens.revoke,
    registerApiService: aggregation.register,
    apiServices: () => aggregation.versions().map(({ state }) => ({ ...state })),
    async kubeconfig(user) {
      const credentials =
        'token' in user
          ? user
          : await pki.clusterCa.issueClient({ commonName: user.username, organizations: user.groups ?? [] });
      return writeKubeconfig(url, pki.clusterCa.certificate, credentials);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
