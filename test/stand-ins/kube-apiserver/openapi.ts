import type { AggregatedVersion, Aggregation } from './aggregation.ts';
import type { Backend } from './backend.ts';
import { version } from './discovery.ts';
import { type Definition, openApiV2Protobuf } from './openapi-v2-protobuf.ts';
import type { User } from './tokens.ts';

/** As whom kube-apiserver fetches OpenAPI documents; without a group, so the backend's authorisation counts. */
export const openApiAggregator: User = { username: 'system:aggregator', groups: [] };

/** As far as it is merged. */
interface Swagger {
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly definitions?: Readonly<Record<string, Definition>>;
}

interface Index {
  readonly paths: Readonly<Record<string, unknown>>;
}

/**
 * What all backends have in their index of OpenAPI v3 documents. Unlike kube-apiserver, which refreshes every 60 s, this asks
 * each time. The stand-in's own objects have no OpenAPI.
 */
export async function openApiIndex(aggregation: Aggregation, signal: AbortSignal): Promise<Index> {
  const indexes = await Promise.all(
    backendsOf(aggregation).map(({ backend }) => ask<Index>(backend, '/openapi/v3', undefined, signal)),
  );
  return { paths: Object.assign({}, ...indexes.map((index) => index?.paths)) };
}

/** The backend whose index has a document: `apis/metrics.k8s.io/v1`. */
export async function openApiBackend(
  aggregation: Aggregation,
  document: string,
  signal: AbortSignal,
): Promise<AggregatedVersion | undefined> {
  for (const one of backendsOf(aggregation)) {
    const index = await ask<Index>(one.backend, '/openapi/v3', undefined, signal);
    if (index !== undefined && Object.hasOwn(index.paths, document)) return one;
  }
  return undefined;
}

/** The paths of every registered group version, with the definitions that they lead to. */
export async function mergedSwagger(aggregation: Aggregation, signal: AbortSignal): Promise<unknown> {
  const paths: Record<string, unknown> = {};
  const definitions: Record<string, Definition> = {};
  for (const { backend, group, version: served } of aggregation.versions()) {
    const whole = await ask<Swagger>(backend, '/openapi/v2', 'application/json', signal);
    const kept = Object.entries(whole?.paths ?? {}).filter(([path]) =>
      path.startsWith(`/apis/${group}/${served}/`),
    );
    for (const [path, item] of kept) {
      paths[path] = item;
      for (const name of reachable(item, whole?.definitions ?? {})) {
        const definition = whole?.definitions?.[name];
        if (definition !== undefined) definitions[name] = definition;
      }
    }
  }
  return { swagger: '2.0', info: { title: 'Kubernetes', version: version.gitVersion }, paths, definitions };
}

/** The same in the form that kubectl asks for. */
export async function mergedProtobuf(aggregation: Aggregation, signal: AbortSignal): Promise<Buffer> {
  const { definitions = {} } = (await mergedSwagger(aggregation, signal)) as Swagger;
  return openApiV2Protobuf('Kubernetes', version.gitVersion, definitions);
}

/** Names of the definitions that something refers to, also through others. */
function reachable(from: unknown, definitions: Readonly<Record<string, Definition>>): ReadonlySet<string> {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      const name =
        key === '$ref' && typeof part === 'string' ? part.replace('#/definitions/', '') : undefined;
      if (name === undefined) look(part);
      else if (!found.has(name)) {
        found.add(name);
        look(definitions[name]);
      }
    }
  };
  look(from);
  return found;
}

/** One version of each backend: several versions may lead to the same one. */
function backendsOf(aggregation: Aggregation): readonly AggregatedVersion[] {
  const byBackend = Map.groupBy(aggregation.versions(), ({ backend }) => backend);
  return [...byBackend.values()].flatMap(([first]) => first ?? []);
}

/** Undefined where the backend has no such document, or does not answer: then it is missing from what is merged. */
async function ask<T>(
  backend: Backend,
  path: string,
  accept: string | undefined,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    const { code, body } = await backend.ask(path, openApiAggregator, accept, signal);
    return code === 200 ? (JSON.parse(body) as T) : undefined;
  } catch {
    return undefined;
  }
}
