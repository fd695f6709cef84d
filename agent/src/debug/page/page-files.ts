import { readdir, readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PageFile, PageFiles } from '../page-file.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ts': 'text/javascript; charset=utf-8',
};
const folder = join(import.meta.dirname, 'browser');
let files: Promise<PageFiles> | undefined;

/**
 * The page as an agent that runs from its sources serves it: the modules of `browser/` one by one, their types taken off by
 * Node, and uPlot as its package has it. In the image this module is replaced by one that has the same files bundled and
 * in itself (image/page-bundle.ts). Read once.
 * @throws when a file cannot be read
 */
export function pageFiles(): Promise<PageFiles> {
  files ??= readPageFiles();
  return files;
}

async function readPageFiles(): Promise<PageFiles> {
  const names = (await readdir(folder)).filter(
    (name) => extname(name) in types && !name.endsWith('.test.ts'),
  );
  const served = await Promise.all(names.map(async (name) => [pathOf(name), await pageFile(name)] as const));
  const uPlot = (file: string) => readFile(fileURLToPath(import.meta.resolve(`uplot/dist/${file}`)), 'utf8');
  return new Map([
    ...served,
    ['/uplot.js', { type: types['.ts'] ?? '', body: await uPlot('uPlot.esm.js') }],
    ['/uplot.css', { type: types['.css'] ?? '', body: await uPlot('uPlot.min.css') }],
  ]);
}

function pathOf(name: string): string {
  if (name === 'index.html') return '/';
  return name === 'page.ts' ? '/page.js' : `/${name}`;
}

async function pageFile(name: string): Promise<PageFile> {
  const text = await readFile(join(folder, name), 'utf8');
  const type = types[extname(name)] ?? '';
  if (!name.endsWith('.ts')) return { type, body: text };
  // A browser resolves no package names.
  return { type, body: stripTypeScriptTypes(text).replaceAll("from 'uplot'", "from '/uplot.js'") };
}
