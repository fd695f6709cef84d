import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { dirname, resolve } from 'node:path';
import { load } from 'js-yaml';

/** Where kube-apiserver is, and how a request proves who makes it and is proven who answers. */
export interface ApiServerAccess {
  /** `https://host:port`, with the path below which it is, where it has one. */
  readonly server: string;
  /** Adds trust and credentials. Read anew for each request where they are files: tokens are renewed, CAs exchanged. */
  applyTo(options: RequestOptions): Promise<void>;
}

/** What a pod is told of kube-apiserver by its environment (KUBERNETES_SERVICE_HOST and _PORT). */
export interface ServiceAddress {
  readonly host: string | undefined;
  readonly port: string | undefined;
}

/** Where the kubelet mounts a pod's service account. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Access as the service account of this pod. @throws when this is no pod */
export function podAccess({ host, port }: ServiceAddress, folder = serviceAccountFolder): ApiServerAccess {
  if (host === undefined || port === undefined) {
    throw new Error(
      'Cannot find the API server: this is no pod of a cluster; outside of one give --kubeconfig',
    );
  }
  const ca = () => readFileSync(`${folder}/ca.crt`);
  // Here, where it ends the program with what is missing.
  ca();
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    async applyTo(options) {
      options.ca = ca();
      bear(options, readFileSync(`${folder}/token`, 'utf8'));
    },
  };
}

interface Cluster {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'tls-server-name'?: string;
}

interface User {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
}

interface Kubeconfig {
  readonly 'current-context'?: string;
  readonly contexts?: readonly {
    readonly name?: string;
    readonly context?: { cluster?: string; user?: string };
  }[];
  readonly clusters?: readonly { readonly name?: string; readonly cluster?: Cluster }[];
  readonly users?: readonly { readonly name?: string; readonly user?: User }[];
}

const ownClusterFields = ['server', 'certificate-authority', 'certificate-authority-data', 'tls-server-name'];
const ownUserFields = [
  'token',
  'tokenFile',
  'client-certificate',
  'client-certificate-data',
  'client-key',
  'client-key-data',
];

/**
 * Access as a kubeconfig file describes it. Servers, CAs, certificates and tokens are read here; whatever else the file
 * asks for (credential plugins, proxies, unverified TLS, passwords) is left to @kubernetes/client-node, which takes
 * longer to load than all the rest of the aggregator and three times its memory.
 * @throws with what is wrong with the file
 */
export async function kubeconfigAccess(file: string): Promise<ApiServerAccess> {
  const { cluster, user } = currentOf(load(readFileSync(file, 'utf8')) as Kubeconfig | undefined);
  const isOwn = (fields: object, own: readonly string[]) =>
    Object.keys(fields).every((key) => own.includes(key));
  if (cluster.server === undefined) throw new Error('the current cluster names no server');
  if (!isOwn(cluster, ownClusterFields) || !isOwn(user, ownUserFields))
    return libraryAccess(file, cluster.server);
  const read = (data: string | undefined, path: string | undefined): Buffer | undefined => {
    if (data !== undefined) return Buffer.from(data, 'base64');
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path));
  };
  const identity = () => {
    const ca = read(cluster['certificate-authority-data'], cluster['certificate-authority']);
    const cert = read(user['client-certificate-data'], user['client-certificate']);
    const key = read(user['client-key-data'], user['client-key']);
    return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
  };
  // Here, where it ends the program with what is missing.
  identity();
  const { token, tokenFile } = user;
  return {
    server: cluster.server,
    async applyTo(options) {
      Object.assign(options, identity());
      if (cluster['tls-server-name'] !== undefined) options.servername = cluster['tls-server-name'];
      if (tokenFile !== undefined) bear(options, readFileSync(resolve(dirname(file), tokenFile), 'utf8'));
      else if (token !== undefined) bear(options, token);
    },
  };
}

function currentOf(config: Kubeconfig | undefined): { cluster: Cluster; user: User } {
  const name = config?.['current-context'];
  const context = config?.contexts?.find((each) => each.name === name)?.context;
  if (name === undefined || context === undefined) throw new Error('it names no current context');
  const cluster = config?.clusters?.find((each) => each.name === context.cluster)?.cluster;
  if (cluster === undefined) throw new Error(`context "${name}" names no known cluster`);
  return { cluster, user: config?.users?.find((each) => each.name === context.user)?.user ?? {} };
}

async function libraryAccess(file: string, server: string): Promise<ApiServerAccess> {
  const { KubeConfig } = await import('@kubernetes/client-node/dist/config.js');
  const config = new KubeConfig();
  config.loadFromFile(file);
  return { server, applyTo: (options) => config.applyToHTTPSOptions(options) };
}

function bear(options: RequestOptions, token: string): void {
  options.headers = {
    ...(options.headers as Record<string, string>),
    authorization: `Bearer ${token.trim()}`,
  };
}
