import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { admin, type StandInKubeApiserver, startKubeApiserver } from './kube-apiserver.ts';
import type { CertificateAndKey } from './pki.ts';

/** The one group version that the tests of the aggregation layer register, and its Service. */
export const group = 'example.org';
export const path = `/apis/${group}/v1`;
export const serverName = 'tacho-aggregator.tacho.svc';

/** A stand-in with an admin's certificate and whatever extension API servers a test starts behind it. */
export interface AggregatedCluster extends AsyncDisposable {
  apiserver: StandInKubeApiserver;
  client: CertificateAndKey;
  /** A backend that demands the front proxy's certificate; resolves with its address. */
  startBackend(listener: RequestListener, names?: readonly string[]): Promise<string>;
  /** Registers the backend for the group. */
  register(url: string, caBundle?: string): Promise<void>;
  stopBackends(): Promise<void>;
}

/** Besides admins only the user `dev` is allowed anything. */
export async function startAggregatedCluster(): Promise<AggregatedCluster> {
  const apiserver = await startKubeApiserver({ authorize: ({ user }) => user.username === 'dev' });
  const { pki } = apiserver;
  const client = await pki.clusterCa.issueClient({ commonName: admin.username, organizations: admin.groups });
  const backends = new Set<Server>();

  async function stopBackends(): Promise<void> {
    for (const backend of backends) {
      backends.delete(backend);
      const closed = once(backend, 'close');
      backend.close();
      backend.closeAllConnections();
      await closed;
    }
  }

  return {
    apiserver,
    client,
    async startBackend(listener, names = [serverName]) {
      const { certificate: cert, key } = await pki.servingCa.issueServing(names);
      const ca = pki.frontProxyCa.certificate;
      const backend = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: true }, listener);
      backends.add(backend);
      backend.listen(0, '127.0.0.1');
      await once(backend, 'listening');
      return `https://127.0.0.1:${(backend.address() as AddressInfo).port}`;
    },
    register: (url, caBundle = pki.servingCa.certificate) =>
      apiserver.registerApiService({ group, versions: ['v1'], url, caBundle, serverName }),
    stopBackends,
    async [Symbol.asyncDispose]() {
      await apiserver.close();
      await stopBackends();
    },
  };
}

/** Answers the probe, hands the rest on. */
export function available(listener: RequestListener): RequestListener {
  return (request, response) => {
    if (request.url === path || request.url === '/apis') response.end('{"resources":[]}');
    else listener(request, response);
  };
}
