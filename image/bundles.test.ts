import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundlePrograms } from './bundles.ts';

const repository = join(import.meta.dirname, '..');
let bundles: Awaited<ReturnType<typeof bundlePrograms>>;
beforeAll(async () => {
  bundles = await bundlePrograms(repository, '1.2.3');
});

/** Packages that are loaded when the program starts; what is imported lazily is not among them. */
function loadedAtStart(program: string): Set<string> {
  const { outputs } = bundles.metafile;
  const packages = new Set<string>();
  const visited = new Set<string>();
  const visit = (path: string) => {
    const output = outputs[path];
    if (output === undefined || visited.has(path)) return;
    visited.add(path);
    for (const input of Object.keys(output.inputs))
      packages.add(/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? 'tacho');
    for (const { path, kind } of output.imports) if (kind === 'import-statement') visit(path);
  };
  visit(`dist/${program}.js`);
  return packages;
}

test('bundlePrograms() puts the programs, their chunks and a manifest that says ES modules into one folder', () => {
  const paths = bundles.entries.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining([
      ...['agent', 'aggregator', 'puller'].map((program) => `/opt/tacho/${program}.js`),
      '/opt/tacho/package.json',
    ]),
  );
  expect(paths.every((path) => /^\/opt\/tacho\/[\w.-]+$/.test(path))).toBe(true);
  const manifest = bundles.entries.find(({ path }) => path.endsWith('package.json'));
  expect(manifest).toMatchObject({ content: expect.stringContaining('"version":"1.2.3","type":"module"') });
});

test('bundlePrograms() keeps lazily imported packages out of what the programs load at their start', () => {
  expect(loadedAtStart('agent')).toContain('@grpc/grpc-js');
  expect(loadedAtStart('aggregator')).toContain('express');
  for (const lazy of ['@kubernetes/client-node', 'express', 'systeminformation', 'undici', 'uplot'])
    expect(loadedAtStart('agent')).not.toContain(lazy);
  for (const lazy of ['@kubernetes/client-node', '@peculiar/x509'])
    expect(loadedAtStart('aggregator')).not.toContain(lazy);
  expect(loadedAtStart('puller')).toContain('undici');
  for (const lazy of ['@kubernetes/client-node', 'express', 'prom-client'])
    expect(loadedAtStart('puller')).not.toContain(lazy);
});

test('bundlePrograms() puts the debug page into a module of its own, bundled and whole, with uPlot among its parts', async () => {
  const name = bundles.entries
    .map(({ path }) => basename(path))
    .find((path) => path.startsWith('page-files-'));
  const folder = mkdtempSync(join(tmpdir(), 'tacho-bundles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const entry of bundles.entries)
    if ('content' in entry) writeFileSync(join(folder, basename(entry.path)), entry.content);
  const { pageFiles } = await import(join(folder, name ?? ''));
  const files: ReadonlyMap<string, { type: string; body: string }> = await pageFiles();
  const paths = ['/', '/icon.svg', '/page.css', '/page.js', '/panel.css', '/theme.css', '/uplot.css'];
  expect([...files.keys()].sort()).toEqual(paths);
  const page = files.get('/')?.body ?? '';
  const asked = [...page.matchAll(/(?:src|href)="(\/[\w.-]+)"/g)].map(([, path]) => path);
  expect([...new Set(asked)].sort()).toEqual(paths.slice(1));
  expect(files.get('/page.js')).toMatchObject({
    type: 'text/javascript; charset=utf-8',
    body: expect.not.stringMatching(/\bimport\s*["'{]/),
  });
  const parts = Object.values(bundles.metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  expect(parts.some((path) => path.includes('node_modules/uplot/'))).toBe(true);
});

test('bundlePrograms() lets no path of this machine into what it makes', () => {
  for (const entry of bundles.entries)
    expect('content' in entry && Buffer.from(entry.content).includes(repository)).toBe(false);
});

test('bundlePrograms() imports no module of Node’s own: their namespaces would load undici and more', () => {
  for (const { imports } of Object.values(bundles.metafile.outputs))
    expect(imports.filter(({ kind, path }) => kind === 'import-statement' && isBuiltin(path))).toEqual([]);
});

test('bundlePrograms() makes pure ASCII, which V8 keeps in one byte for each character', () => {
  for (const entry of bundles.entries)
    expect('content' in entry && /[\u0080-\uffff]/.test(String(entry.content))).toBe(false);
});

test('bundlePrograms() says what cannot be bundled', async () => {
  await expect(bundlePrograms(import.meta.dirname, '1.2.3')).rejects.toThrow(
    /Could not resolve.*agent\/src\/main\.ts/,
  );
});
