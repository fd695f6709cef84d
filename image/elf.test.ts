import { readFileSync } from 'node:fs';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { elfNeeds } from './elf.ts';
import { localNode } from './node-files.ts';

test('elfNeeds() of the Node that runs here are among what ldd finds', async () => {
  const { loader = '', libraries } = elfNeeds(readFileSync(execPath));
  const found = (await localNode(execPath)).libraries.map(({ path }) => path);
  expect(found).toContain(loader);
  expect(libraries.length).toBeGreaterThan(1);
  for (const name of libraries) expect(found.some((path) => path.endsWith(`/${name}`))).toBe(true);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a script', Buffer.from('#!/bin/sh\n'.repeat(10))],
  ['ELF of 32 bits', Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1]), Buffer.alloc(64)])],
])('elfNeeds() refuses %s', (_, file) => {
  expect(() => elfNeeds(file)).toThrow('expected ELF of 64 bits');
});

test('elfNeeds() refuses a file that is linked statically', () => {
  const empty = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), Buffer.alloc(64)]);
  expect(() => elfNeeds(empty)).toThrow('linked statically');
});
