import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chartFolder, readValues } from './chart.ts';

/** Paths of the values that the templates use, such as `image.tag`. */
export async function usedValues(): Promise<ReadonlySet<string>> {
  const entries = await readdir(join(chartFolder, 'templates'), { recursive: true, withFileTypes: true });
  const templates = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
  );
  return new Set(templates.join('\n').match(/(?<=\.Values\.)[\w.]+/g));
}

/** Paths of the values of values.yaml, in its order; what a template takes as a whole is one value. */
export async function leaves(): Promise<readonly string[]> {
  const used = await usedValues();
  return paths(await readValues(), (path) => used.has(path));
}

function paths(tree: unknown, stop: (path: string) => boolean, prefix = ''): string[] {
  return Object.entries(tree as Record<string, unknown>).flatMap(([key, value]) => {
    const path = prefix + key;
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) && !stop(path);
    return inner ? paths(value, stop, `${path}.`) : [path];
  });
}
