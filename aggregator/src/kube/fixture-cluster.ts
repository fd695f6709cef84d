import { Agent } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { aggregatorUsername } from '../../../test/stand-ins/kube-apiserver/authorization.ts';
import {
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import type { ApiServerAccess } from './api-server-access.ts';
import { KubeClient } from './kube-client.ts';

/** The stand-in for kube-apiserver with the aggregator's client, and a way between them that can be cut. */
export interface FixtureCluster extends AsyncDisposable {
  readonly apiserver: StandInKubeApiserver;
  readonly client: KubeClient;
  /** The same of a server below this path. */
  readonly clientBelow: (path: string) => KubeClient;
  /** What the client's connections go through. */
  readonly server: Server;
  /** How many connections the client has made. */
  readonly connections: () => number;
  /** Ends all connections and refuses new ones until mend(). */
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function startCluster(
  options: Parameters<typeof startKubeApiserver>[0] = {},
): Promise<FixtureCluster> {
  const apiserver = await startKubeApiserver(options);
  const sockets = new Set<Socket>();
  let made = 0;
  const way = createServer((near) => {
    made += 1;
    const far = connect(Number(new URL(apiserver.url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => way.listen(port, '127.0.0.1', () => resolve()));
  await listen(0);
  const { port } = way.address() as { port: number };
  const cut = async () => {
    const closed = new Promise((resolve) => way.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };

  const agent = new Agent({ keepAlive: true });
  const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
  const access: ApiServerAccess = {
    server: `https://127.0.0.1:${port}`,
    async applyTo(options) {
      options.ca = apiserver.pki.clusterCa.certificate;
      options.headers = { ...(options.headers as object), authorization: `Bearer ${token}` };
    },
  };
  return {
    apiserver,
    client: new KubeClient(access, agent),
    clientBelow: (path) => new KubeClient({ ...access, server: `${access.server}${path}` }, agent),
    server: way,
    connections: () => made,
    cut,
    mend: () => listen(port),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      if (way.listening) await cut();
      await apiserver.close();
    },
  };
}
