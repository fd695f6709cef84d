import { trimmedEnd } from '../text/trimmed.ts';
import { groupName, type MetricsResource, nodes, pods, versions } from './metrics-group.ts';

/** What a path stands for. */
export type Route =
  | { readonly type: 'groups' }
  | { readonly type: 'group' }
  | { readonly type: 'server-version' }
  | { readonly type: 'resources'; readonly version: string }
  | ItemsRoute
  /** Below the API group or `/version`, but nothing is there. */
  | { readonly type: 'nothing-in-group' }
  /** Outside the API. */
  | { readonly type: 'root' }
  | { readonly type: 'elsewhere' };

export interface ItemsRoute {
  readonly type: 'items';
  readonly version: string;
  readonly resource: MetricsResource;
  /** Absent: the whole cluster, or nodes. */
  readonly namespace: string | undefined;
  /** Absent: a list. */
  readonly name: string | undefined;
}

/** Slashes at the end do not count, but for those of `/apis//`. undefined: the percent-encoding is broken. */
export function findRoute(path: string): Route | undefined {
  let decoded: string;
  try {
    decoded = path.includes('%') ? decodeURIComponent(path) : path;
  } catch {
    return undefined;
  }
  if (decoded === '/' || decoded === '/index.html') return { type: 'root' };
  if (/^\/apis\/\/+$/.test(decoded)) return { type: 'elsewhere' };
  const [start, root, group, version, ...rest] = trimmedEnd(decoded, '/').split('/');
  if (start !== '' || root === undefined) return { type: 'elsewhere' };
  if (group === undefined) {
    if (root === 'apis') return { type: 'groups' };
    return root === 'version' ? { type: 'server-version' } : { type: 'elsewhere' };
  }
  if (root === 'version') return { type: 'nothing-in-group' };
  if (root !== 'apis' || group !== groupName) return { type: 'elsewhere' };
  if (version === undefined) return { type: 'group' };
  if (!versions.includes(version)) return { type: 'nothing-in-group' };
  if (rest.length === 0) return { type: 'resources', version };
  return findItems(version, rest) ?? { type: 'nothing-in-group' };
}

function findItems(version: string, segments: readonly string[]): ItemsRoute | undefined {
  if (segments.some((segment, index) => segment === '' && index !== 1)) return undefined;
  const [first, second, third, fourth] = segments;
  if (first === 'nodes' && second !== '' && segments.length <= 2) {
    return { type: 'items', version, resource: nodes, namespace: undefined, name: second };
  }
  if (first === 'pods' && segments.length === 1) {
    return { type: 'items', version, resource: pods, namespace: undefined, name: undefined };
  }
  if (first === 'namespaces' && third === 'pods' && segments.length <= 4) {
    // Without a name no namespace is meant but all of them, as Go's nil and empty strings are the same.
    const namespace = second === '' && fourth === undefined ? undefined : second;
    return { type: 'items', version, resource: pods, namespace, name: fourth };
  }
  return undefined;
}
