import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

export const repository = join(import.meta.dirname, '..', '..');

/** The pages that operators read, as paths in the repository. */
export const pages: readonly string[] = [
  ...['README.md', 'README.zh-CN.md', 'charts/tacho/README.md'],
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
].filter((page) => existsSync(join(repository, page)));

export const textOfPage = (page: string): string => readFileSync(join(repository, page), 'utf8');

/** A file of the repository together with what it imports from beside it; undefined where there is none. */
export function textWithImports(file: string): string | undefined {
  const path = normalize(join(repository, file));
  if (relative(repository, path).startsWith('..') || !existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  const imported = [...text.matchAll(/ from '(\.[^']+\.ts)'/g)].map(([, name]) =>
    join(dirname(path), name ?? ''),
  );
  return [
    text,
    ...imported.filter((each) => existsSync(each)).map((each) => readFileSync(each, 'utf8')),
  ].join('\n');
}
