/** The two servers that are asked the same. */
export type Server = 'tacho' | 'metricsServer';
export const servers: readonly Server[] = ['tacho', 'metricsServer'];

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** One question to both servers. */
export interface SharedRequest {
  readonly method: string;
  /** With its query. `{version}` stands for that of metrics.k8s.io. */
  readonly path: string;
  /** Those of the identity come on top. */
  readonly headers: Headers;
  /** Name of who asks, see identities.ts. */
  readonly identity: string;
  /** Which version tacho is asked for; metrics-server knows only v1beta1. */
  readonly tachoVersion: 'v1' | 'v1beta1';
}

/** What makes a connection somebody's, and the headers that do. PEM. */
export interface Credentials {
  readonly certificate?: string;
  readonly key?: string;
  readonly headers: Headers;
}

/** What a server said, as it came over the wire. */
export interface Answer {
  readonly status: number;
  /** By name in small letters, every value of its own. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** Base64. */
  readonly body: string;
  /** The answer went on for too long and was left. */
  readonly cut: boolean;
}

/** An answer of each server, or why there was none. */
export type Answers = Readonly<Record<Server, Answer | { readonly problem: string }>>;

/** Input of ask-both.ts, as JSON. */
export interface Questions {
  readonly urls: Readonly<Record<Server, string>>;
  readonly identities: Readonly<Record<string, Credentials>>;
  readonly requests: readonly SharedRequest[];
}

const metricsServerVersion = 'v1beta1';

export function pathFor(server: Server, { path, tachoVersion }: SharedRequest): string {
  return path.replaceAll('{version}', server === 'tacho' ? tachoVersion : metricsServerVersion);
}

/** Names a request in a report: what it differs in from an ordinary GET. */
export function titleOf(request: SharedRequest): string {
  const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`);
  const version = request.tachoVersion === 'v1' ? ' (v1 beside v1beta1)' : '';
  return `${request.method} ${request.path}${version} as ${[request.identity, ...headers].join(', ')}`;
}
