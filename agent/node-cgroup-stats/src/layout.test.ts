import { expect, it } from 'vitest';
import type { HostFilesystem } from './host-filesystem.ts';
import { detectLayout } from './layout.ts';

const CGROUP2 = 0x63677270;
const CGROUP = 0x27e0eb;
const TMPFS = 0x01021994;
const SYSFS = 0x62656572;
const R = '/host/sys/fs/cgroup';

/** A host given by the magic number of each path, its symbolic links and its mountinfo. */
function host(
  magics: Readonly<Record<string, number>>,
  mountinfo = '',
  links: Readonly<Record<string, string>> = {},
): HostFilesystem {
  const missing = (): never => {
    throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  };
  return {
    filesystemMagic: (path) => magics[path] ?? missing(),
    realPath: (path) => links[path] ?? (path in magics ? path : missing()),
    readText: () => mountinfo,
  };
}

const v1Mount = (mountPoint: string, controllers: string) =>
  `32 31 0:29 / ${mountPoint} rw,relatime shared:9 - cgroup cgroup rw,${controllers}\n`;

const reasonOf = (filesystem: HostFilesystem) => {
  const layout = detectLayout({ root: R }, filesystem);
  return layout.mode === 'unsupported' ? layout.reason : `${layout.mode} was found`;
};

it('detectLayout() takes a cgroup2 mount for v2 without reading mountinfo', () => {
  const filesystem = { ...host({ [R]: CGROUP2 }), readText: () => expect.fail('mountinfo was read') };
  expect(detectLayout({ root: R }, filesystem)).toEqual({ mode: 'v2', directory: R });
});

it('detectLayout() finds separate v1 hierarchies by their super options, whatever their names', () => {
  const filesystem = host(
    { [R]: TMPFS, [`${R}/mem`]: CGROUP, [`${R}/acct`]: CGROUP },
    v1Mount(`${R}/mem`, 'memory') + v1Mount(`${R}/acct`, 'cpuacct'),
  );
  expect(detectLayout({ root: R }, filesystem)).toEqual({
    mode: 'v1',
    memoryDirectory: `${R}/mem`,
    cpuacctDirectory: `${R}/acct`,
    cpuDirectory: undefined,
  });
});

it('detectLayout() finds co-mounted controllers and calls a v2 tree beside them hybrid', () => {
  const filesystem = host(
    { [R]: TMPFS, [`${R}/unified`]: CGROUP2, [`${R}/cpu,cpuacct`]: CGROUP, [`${R}/memory`]: CGROUP },
    v1Mount(`${R}/memory`, 'memory') + v1Mount(`${R}/cpu,cpuacct`, 'cpu,cpuacct'),
  );
  expect(detectLayout({ root: R }, filesystem)).toEqual({
    mode: 'hybrid',
    memoryDirectory: `${R}/memory`,
    cpuacctDirectory: `${R}/cpu,cpuacct`,
    cpuDirectory: `${R}/cpu,cpuacct`,
  });
});

it('detectLayout() leaves alone what lies outside of the root, such as a container’s own cgroups', () => {
  const own = '/sys/fs/cgroup';
  const filesystem = host(
    {
      [R]: TMPFS,
      [`${own}/memory`]: CGROUP,
      [`${own}/cpuacct`]: CGROUP,
      [`${R}-other/memory`]: CGROUP,
      [`${R}/memory`]: CGROUP,
      [`${R}/cpuacct`]: CGROUP,
    },
    v1Mount(`${own}/memory`, 'memory') +
      v1Mount(`${own}/cpuacct`, 'cpuacct') +
      v1Mount(`${R}-other/memory`, 'memory') +
      v1Mount(`${R}/memory`, 'memory') +
      v1Mount(`${R}/cpuacct`, 'cpuacct'),
  );
  expect(detectLayout({ root: R }, filesystem)).toMatchObject({
    memoryDirectory: `${R}/memory`,
    cpuacctDirectory: `${R}/cpuacct`,
  });
});

it('detectLayout() compares mountinfo with the real path of the root', () => {
  const real = '/run/cgroups';
  const filesystem = host(
    { [R]: TMPFS, [`${real}/memory`]: CGROUP, [`${real}/cpuacct`]: CGROUP },
    v1Mount(`${real}/memory`, 'memory') + v1Mount(`${real}/cpuacct`, 'cpuacct'),
    { [R]: real },
  );
  expect(detectLayout({ root: R }, filesystem)).toMatchObject({ memoryDirectory: `${real}/memory` });
});

it('detectLayout() passes over a hidden mount and takes the first of several', () => {
  const filesystem = host(
    { [R]: TMPFS, [`${R}/hidden`]: TMPFS, [`${R}/a`]: CGROUP, [`${R}/b`]: CGROUP, [`${R}/cpuacct`]: CGROUP },
    ['hidden', 'a', 'b'].map((name) => v1Mount(`${R}/${name}`, 'memory')).join('') +
      v1Mount(`${R}/cpuacct`, 'cpuacct'),
  );
  expect(detectLayout({ root: R }, filesystem)).toMatchObject({ memoryDirectory: `${R}/a` });
});

it('detectLayout() falls back to the controllers’ names and their links when mountinfo does not tell', () => {
  const both = `${R}/cpu,cpuacct`;
  const magics = { [R]: TMPFS, [`${R}/memory`]: CGROUP, [both]: CGROUP };
  const links = { [`${R}/cpu`]: both, [`${R}/cpuacct`]: both };
  const expected = { mode: 'v1', memoryDirectory: `${R}/memory`, cpuacctDirectory: both, cpuDirectory: both };
  expect(detectLayout({ root: R }, host(magics, '', links))).toEqual(expected);
  const readText = () => {
    throw new Error('EACCES');
  };
  expect(detectLayout({ root: R }, { ...host(magics, '', links), readText })).toEqual(expected);
});

it('detectLayout() says why a root is unsupported, with what was looked at and found', () => {
  expect(reasonOf(host({}))).toBe(`statfs of ${R} failed with ENOENT`);
  expect(reasonOf(host({ [R]: SYSFS }))).toBe(`${R} is plain sysfs: no cgroup file system is mounted there`);
  expect(reasonOf(host({ [R]: CGROUP }))).toContain('is a single cgroup v1 hierarchy');
  expect(reasonOf(host({ [R]: TMPFS }))).toBe(
    `no cgroup v1 hierarchy of memory and cpuacct in /proc/self/mountinfo below ${R} nor at ${R}/<controller>; ` +
      'file system there: magic 0x1021994',
  );
});

it('detectLayout() does not support memory on the v2 tree with CPU on v1', () => {
  const magics = { [R]: TMPFS, [`${R}/unified`]: CGROUP2, [`${R}/cpuacct`]: CGROUP };
  const readText = (path: string) => (path === `${R}/unified/cgroup.controllers` ? 'memory io\n' : '');
  expect(detectLayout({ root: R }, { ...host(magics), readText })).toMatchObject({
    cause: 'mixed',
    reason: expect.stringMatching(/hierarchy of memory in.*the v2 tree beside the others is not read/),
  });
  expect(detectLayout({ root: R }, host(magics))).toMatchObject({ cause: 'not-mounted' });
});

it('detectLayout() tells a controller that is turned off in the kernel from one that is not mounted', () => {
  const readText = (path: string) => (path === '/proc/cgroups' ? 'memory\t0\t9\t0\ncpuacct\t2\t9\t1\n' : '');
  const filesystem = { ...host({ [R]: TMPFS, [`${R}/cpuacct`]: CGROUP }), readText };
  expect(detectLayout({ root: R }, filesystem)).toMatchObject({
    cause: 'disabled',
    reason: expect.stringContaining('turned off in the kernel: memory'),
  });
});

it.each([
  [{}, 'unreadable'],
  [{ [R]: SYSFS }, 'sysfs'],
  [{ [R]: CGROUP }, 'single-hierarchy'],
  [{ [R]: TMPFS }, 'not-mounted'],
])('detectLayout() of %j has the cause %s', (magics, cause) =>
  expect(detectLayout({ root: R }, host(magics))).toMatchObject({ mode: 'unsupported', cause }),
);
