/** Tells whether everybody may see a path that is no resource. */
export type AllowedPaths = (path: string) => boolean;

/**
 * Paths that are allowed without asking; one that ends in `*` stands for all that begin with it. A leading slash may be
 * left out.
 * @throws where a `*` is anywhere else
 */
export function allowedPaths(paths: readonly string[]): AllowedPaths {
  const exact = new Set<string>();
  const prefixes: string[] = [];
  for (const path of paths.map(withoutSlash)) {
    if (path.slice(0, -1).includes('*')) {
      throw new Error(`Cannot always allow a path: expected a * at its end only, found "${path}"`);
    }
    if (path.endsWith('*')) prefixes.push(path.slice(0, -1));
    else exact.add(path);
  }
  return (path) => {
    const asked = withoutSlash(path);
    return exact.has(asked) || prefixes.some((prefix) => asked.startsWith(prefix));
  };
}

function withoutSlash(path: string): string {
  return path.startsWith('/') ? path.slice(1) : path;
}
