import { parseFieldSelector } from '../api/field-selector.ts';
import { isWatch } from '../api/list-options.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import type { User } from './user.ts';

/** What a request wants, in the words of a SubjectAccessReview. */
export type Wanted =
  | {
      readonly resourceAttributes: {
        readonly verb: string;
        readonly group: string;
        readonly version: string;
        readonly resource: string;
        readonly namespace?: string;
        readonly name?: string;
      };
    }
  | { readonly nonResourceAttributes: { readonly path: string; readonly verb: string } };

/** The answer of the cluster's authorizers. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

const cachedMs = 10_000;
const mostCached = 8_192;
/** What is wanted comes from the caller, who may be anybody: a longer answer is not worth its memory. */
const longestCached = 10_000;
const alwaysAllowedPaths: readonly string[] = ['/healthz', '/livez', '/readyz'];

/** Asks kube-apiserver whether a user may do something, and remembers the answer for ten seconds. */
export class AccessReview {
  readonly #client: Pick<KubeClient, 'post'>;
  readonly #monotonicMs: () => number;
  readonly #cache = new Map<string, { readonly decision: Decision; readonly untilMs: number }>();

  constructor(client: Pick<KubeClient, 'post'>, monotonicMs: () => number) {
    this.#client = client;
    this.#monotonicMs = monotonicMs;
  }

  /** @throws when the API server cannot answer */
  async decide(user: User, wanted: Wanted, signal: AbortSignal): Promise<Decision> {
    if (user.groups.includes('system:masters')) return { allowed: true, reason: '' };
    if ('nonResourceAttributes' in wanted && alwaysAllowedPaths.includes(wanted.nonResourceAttributes.path)) {
      return { allowed: true, reason: '' };
    }
    const spec = { user: user.name, groups: user.groups, uid: user.uid, extra: user.extra, ...wanted };
    const key = JSON.stringify(spec);
    const cached = this.#cache.get(key);
    if (cached !== undefined && this.#monotonicMs() < cached.untilMs) return cached.decision;
    const answer = (await this.#client.post(
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec },
      signal,
    )) as { status?: { allowed?: boolean; denied?: boolean; reason?: string } };
    const { allowed = false, denied = false, reason = '' } = answer.status ?? {};
    const decision = { allowed: allowed && !denied, reason };
    if (JSON.stringify(wanted).length >= longestCached) return decision;
    this.#cache.delete(key);
    this.#cache.set(key, { decision, untilMs: this.#monotonicMs() + cachedMs });
    const oldest = this.#cache.keys().next();
    if (this.#cache.size > mostCached && oldest.done !== true) this.#cache.delete(oldest.value);
    return decision;
  }
}

/** What a request for this path wants: a resource below /apis/<group>/<version>, or a plain path. */
export function wantedBy(method: string, path: string, query: URLSearchParams): Wanted {
  const verb = method.toLowerCase();
  const [apis, group, version, ...rest] = path
    .split('/')
    .filter((part) => part !== '')
    .map(decodePart);
  if (apis !== 'apis' || group === undefined || version === undefined || rest.length === 0) {
    return { nonResourceAttributes: { path, verb } };
  }
  const namespaced = rest[0] === 'namespaces' && rest.length > 2;
  const namespace = namespaced ? rest[1] : undefined;
  const [resource = '', named] = namespaced ? rest.slice(2) : rest;
  const isReading = verb === 'get' || verb === 'head';
  const name = named ?? (isReading ? selectedName(query) : undefined);
  const reading = isWatch(query) ? 'watch' : 'list';
  const verbs: Readonly<Record<string, string>> = {
    get: named === undefined ? reading : 'get',
    head: named === undefined ? reading : 'get',
    post: 'create',
    put: 'update',
    patch: 'patch',
    delete: named === undefined ? 'deletecollection' : 'delete',
  };
  return {
    resourceAttributes: {
      verb: verbs[verb] ?? verb,
      group,
      version,
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    },
  };
}

/** A list of one name is authorized as that name, as kube-apiserver does it. */
function selectedName(query: URLSearchParams): string | undefined {
  try {
    const selector = parseFieldSelector(query.get('fieldSelector') ?? '');
    const name = selector.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value;
    return name !== undefined && /^(?!\.{1,2}$)[^/%]+$/.test(name) ? name : undefined;
  } catch {
    // The API will say what is wrong with it.
    return undefined;
  }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
