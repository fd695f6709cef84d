import type { Headers, SharedRequest } from '../exchange.ts';

/** In system:masters, named by the front proxy: nothing is asked of kube-apiserver on the way. */
export const usualIdentity = 'proxied administrator';

const ordinary = { method: 'GET', headers: {}, identity: usualIdentity, tachoVersion: 'v1beta1' } as const;

export function asked(path: string, more: Partial<SharedRequest> = {}): SharedRequest {
  return { ...ordinary, path, ...more };
}

export function gets(paths: readonly string[], more: Partial<SharedRequest> = {}): readonly SharedRequest[] {
  return paths.map((path) => asked(path, more));
}

/** Each path with each set of headers. */
export function crossed(
  paths: readonly string[],
  headers: readonly Headers[],
  more: Partial<SharedRequest> = {},
): readonly SharedRequest[] {
  return paths.flatMap((path) => headers.map((each) => asked(path, { ...more, headers: each })));
}

/** A path with each of these values of one parameter, encoded as a form does. */
export function withParameter(
  path: string,
  name: string,
  values: readonly string[],
): readonly SharedRequest[] {
  return values.map((value) => asked(`${path}?${new URLSearchParams([[name, value]]).toString()}`));
}

/** A path with each of these queries, as they are. */
export function withQueries(path: string, queries: readonly string[]): readonly SharedRequest[] {
  return queries.map((query) => asked(`${path}?${query}`));
}
