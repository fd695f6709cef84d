import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
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

test('bundlePrograms() puts both programs, their chunks and a manifest that says ES modules into one folder', () => {
  const paths = bundles.entries.map(({ path }) => path);
  expect(paths).toEqual(
    expect.arrayContaining(['/opt/tacho/agent.js', '/opt/tacho/aggregator.js', '/opt/tacho/package.json']),
  );
  expect(paths.every((path) => /^\/opt\/tacho\/[\w.-]+$/.test(path))).toBe(true);
  const manifest = bundles.entries.find(({ path }) => path.endsWith('package.json'));
  expect(manifest).toMatchObject({ content: expect.stringContaining('"version":"1.2.3","type":"module"') });
});

test('bundlePrograms() keeps lazily imported packages out of what the programs load at their start', () => {
  expect(loadedAtStart('agent')).toContain('@grpc/grpc-js');
  expect(loadedAtStart('aggregator')).toContain('express');
  for (const lazy of ['@kubernetes/client-node', 'express', 'undici'])
    expect(loadedAtStart('agent')).not.toContain(lazy);
  for (const lazy of ['@kubernetes/client-node', '@peculiar/x509'])
    expect(loadedAtStart('aggregator')).not.toContain(lazy);
});

test('bundlePrograms() lets no path of this machine into what it makes', () => {
  for (const entry of bundles.entries)
    expect('content' in entry && Buffer.from(entry.content).includes(repository)).toBe(false);
});

test('bundlePrograms() says what cannot be bundled', async () => {
  await expect(bundlePrograms(import.meta.dirname, '1.2.3')).rejects.toThrow(
    /Could not resolve.*agent\/src\/main\.ts/,
  );
});
