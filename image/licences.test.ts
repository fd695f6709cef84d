import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundledPackages, licencesText, licensedLibraries, licensedPackage } from './licences.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-licences-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const output = (inputs: Record<string, number>): Metafile['outputs'][string] => ({
  bytes: 0,
  imports: [],
  exports: [],
  inputs: Object.fromEntries(
    Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]),
  ),
});

test('bundledPackages() names each package once, nested and scoped ones too, and none that was shaken off', () => {
  const outputs = {
    'dist/a.js': output({
      'node_modules/pino/pino.js': 9,
      'node_modules/pino/lib/x.js': 9,
      'agent/src/main.ts': 9,
    }),
    'dist/b.js': output({ 'node_modules/@grpc/grpc-js/build/a.js': 1, 'node_modules/unused/index.js': 0 }),
    'dist/c.js': output({ 'proto/node_modules/protobufjs/src/a.js': 1 }),
  };
  expect(bundledPackages(outputs)).toEqual([
    'node_modules/@grpc/grpc-js',
    'node_modules/pino',
    'proto/node_modules/protobufjs',
  ]);
});

test('licensedPackage() reads the manifest and every licence text, and refuses a package that says no licence', () => {
  writeFileSync(join(folder, 'package.json'), '{"name":"a","version":"1.2.3","license":"MIT"}');
  writeFileSync(join(folder, 'LICENSE.md'), 'Permission\n');
  writeFileSync(join(folder, 'NOTICE'), 'Notice\n');
  expect(licensedPackage(folder)).toEqual({
    name: 'a',
    version: '1.2.3',
    licence: 'MIT',
    text: 'Permission\n\nNotice',
    purl: 'pkg:npm/a@1.2.3',
  });
  writeFileSync(join(folder, 'package.json'), '{"name":"a","version":"1.2.3"}');
  expect(() => licensedPackage(folder)).toThrow('expected name, version and license in its package.json');
});

test('licensedLibraries() joins the libraries of one project, takes its copyright along and refuses one it does not know', () => {
  mkdirSync(join(folder, 'libc6'));
  writeFileSync(join(folder, 'libc6', 'copyright'), 'GNU C Library\n');
  const packages = {
    documentation: folder,
    version: (name: string) => (name === 'libc6' ? '2.36+b1' : undefined),
  };
  const parts = licensedLibraries(
    ['libc.so.6', 'libm.so.6', 'ld-linux-x86-64.so.2', 'libstdc++.so.6'],
    packages,
  );
  expect(parts.map(({ licence, version, purl, text }) => [licence, version, purl, text])).toEqual([
    ['LGPL-2.1-or-later', '2.36+b1', 'pkg:deb/debian/libc6@2.36%2Bb1', 'GNU C Library'],
    ['GPL-3.0-or-later WITH GCC-exception-3.1', 'of the system that built the image', undefined, ''],
  ]);
  expect(() => licensedLibraries(['libssl.so.3'], packages)).toThrow(
    'Cannot list the licence of libssl.so.3',
  );
});

test('licencesText() is a list of everything in order and each text below', () => {
  const parts = [
    { name: 'b', version: '1', licence: 'MIT', text: 'text of b' },
    { name: 'a', version: '2', licence: 'ISC', text: '' },
  ];
  expect(licencesText(parts)).toBe('a 2: ISC\nb 1: MIT\n\n==== b 1: MIT\n\ntext of b\n');
});
