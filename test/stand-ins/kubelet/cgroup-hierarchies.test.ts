import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { candidateParents, findHierarchies, parseOwnCgroupPath } from './cgroup-hierarchies.ts';

const V1 = 0x0027e0eb;

test('findHierarchies() takes the root itself for all controllers of v2', () => {
  expect(findHierarchies('/r', () => 0x63677270)).toEqual({
    version: 2,
    memory: '/r',
    cpu: '/r',
    cpuacct: '/r',
  });
});

test('findHierarchies() follows the links of cpu and cpuacct mounted together', () => {
  const root = mkdtempSync(join(tmpdir(), 'tacho-hierarchies-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'memory'));
  mkdirSync(join(root, 'cpu,cpuacct'));
  for (const name of ['cpu', 'cpuacct']) symlinkSync('cpu,cpuacct', join(root, name));
  const found = findHierarchies(root, (path) => (path === root ? 0x01021994 : V1));
  expect(found).toMatchObject({
    version: 1,
    cpu: join(root, 'cpu,cpuacct'),
    cpuacct: join(root, 'cpu,cpuacct'),
  });
});

test('findHierarchies() says which hierarchy is missing', () => {
  expect(findHierarchies('/nowhere')).toBe(
    '/nowhere is not a cgroup v2 tree and /nowhere/memory is not a cgroup v1 hierarchy',
  );
});

test.each([
  ['0::/user.slice/a.scope\n', '/user.slice/a.scope'],
  ['4:memory:/x\n0::/\n', '/'],
  ['4:memory:/x\n', '/'],
])('parseOwnCgroupPath() reads %j', (text, path) => {
  expect(parseOwnCgroupPath(text)).toBe(path);
});

test('candidateParents() goes from the root down to the own cgroup', () => {
  expect(candidateParents('/a/b')).toEqual(['', '/a', '/a/b']);
  expect(candidateParents('/')).toEqual(['']);
});
