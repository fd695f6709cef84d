import { expect, it } from 'vitest';
import type { HostFilesystem } from './host-filesystem.ts';
import type { LegacyLayout, UnifiedLayout } from './layout.ts';
import { isRootOfPart, missingControllers } from './layout-root.ts';

const v2: UnifiedLayout = { mode: 'v2', directory: '/r' };
const v1: LegacyLayout = {
  ...{ mode: 'v1', memoryDirectory: '/r/memory' },
  ...{ cpuacctDirectory: '/r/cpuacct', cpuDirectory: undefined },
};

/** Has these files and no other. */
function host(files: Readonly<Record<string, string>>): HostFilesystem {
  const readText = (path: string): string => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return text;
  };
  return { readText, filesystemMagic: () => 0, realPath: (path) => path };
}

it('isRootOfPart() tells a container’s own v2 cgroup from the machine’s by cgroup.type', () => {
  expect(isRootOfPart(v2, host({ '/r/cgroup.type': 'domain\n' }))).toBe(true);
  expect(isRootOfPart(v2, host({ '/r/cgroup.procs': '' }))).toBe(false);
});

it('isRootOfPart() tells a container’s own v1 cgroup from the machine’s by cgroup.sane_behavior', () => {
  expect(isRootOfPart(v1, host({ '/r/memory/cgroup.procs': '' }))).toBe(true);
  expect(
    isRootOfPart(v1, host({ '/r/memory/cgroup.procs': '', '/r/memory/cgroup.sane_behavior': '0\n' })),
  ).toBe(false);
  expect(isRootOfPart(v1, host({}))).toBe(false);
});

it('missingControllers() names what a v2 root does not have, and nothing where that cannot be read', () => {
  expect(missingControllers(v2, host({ '/r/cgroup.controllers': 'cpuset cpu io pids\n' }))).toEqual([
    'memory',
  ]);
  expect(missingControllers(v2, host({ '/r/cgroup.controllers': '\n' }))).toEqual(['cpu', 'memory']);
  expect(missingControllers(v2, host({ '/r/cgroup.controllers': 'cpu memory\n' }))).toEqual([]);
  expect(missingControllers(v2, host({}))).toEqual([]);
});
