import {
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NodeContainers } from './node-containers.ts';

const id = 'a'.repeat(64);
const cgroup = { path: `/kubepods/pod1/${id}`, podUid: '1', containerId: id };
let folder = '';
let said: { level: number; msg: string; below?: string; lookedFor?: string[]; problem?: string }[] = [];
const log = pino({ level: 'debug' }, { write: (line: string) => void said.push(JSON.parse(line)) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-containers-'));
  said = [];
  mkdirSync(join(folder, 'logs'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const source = (kubepodsPaths: readonly string[] = []) =>
  new NodeContainers({ hierarchy: folder, kubepodsPaths, containerLogs: join(folder, 'logs') }, log);

/** A container with a log link. @returns says whether it holds a process */
function namedContainer(): (populated: number) => void {
  mkdirSync(join(folder, cgroup.path), { recursive: true });
  symlinkSync('/p/default_web_1/app/0.log', join(folder, 'logs', `web_default_app-${id}.log`));
  return (populated) => writeFileSync(join(folder, cgroup.path, 'cgroup.events'), `populated ${populated}\n`);
}

test('NodeContainers without a kubepods tree says once what it looked for and where', () => {
  const containers = source();
  for (let look = 0; look < 30; look += 1) expect(containers.cgroups()).toEqual([]);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatchObject({
    below: folder,
    lookedFor: ['kubepods', 'kubepods.slice', '*-kubepods.slice'],
    msg: expect.stringContaining('only the node itself is reported'),
  });
});

test('NodeContainers takes up a kubepods tree that appears later, and says so', () => {
  const containers = source();
  containers.cgroups();
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  expect(containers.cgroups()).toEqual([cgroup]);
  expect(said.at(-1)?.msg).toMatch(/found/);
});

test('NodeContainers finds a second kubepods tree that appears beside the first within a dozen looks', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  const containers = source();
  containers.cgroups();
  const other = 'b'.repeat(64);
  mkdirSync(join(folder, 'kubepods.slice/kubepods-pod2.slice', `crio-${other}.scope`), { recursive: true });
  for (let look = 0; look < 12; look += 1) containers.cgroups();
  expect(containers.cgroups()).toHaveLength(2);
});

test('NodeContainers sees at once that another container has taken the place of one that nobody has named', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  const containers = source();
  expect(containers.cgroups()).toEqual([cgroup]);
  const other = 'b'.repeat(64);
  renameSync(join(folder, 'kubepods/pod1', id), join(folder, 'kubepods/pod1', other));
  expect(containers.cgroups()).toMatchObject([{ containerId: other }]);
});

test('NodeContainers sees that within a dozen looks where nothing has changed for as many', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  const containers = source();
  for (let look = 0; look < 30; look += 1) expect(containers.cgroups()).toBe(containers.cgroups());
  const other = 'b'.repeat(64);
  renameSync(join(folder, 'kubepods/pod1', id), join(folder, 'kubepods/pod1', other));
  for (let look = 0; look < 12; look += 1) containers.cgroups();
  expect(containers.cgroups()).toMatchObject([{ containerId: other }]);
});

test('NodeContainers with given paths looks nowhere else', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  mkdirSync(join(folder, 'elsewhere/kubepods/pod2', id), { recursive: true });
  expect(source(['/elsewhere/kubepods']).cgroups()).toMatchObject([{ podUid: '2' }]);
});

test('NodeContainers says once that a given path does not exist, and when it has appeared', () => {
  const containers = source(['/kubepods']);
  for (let look = 0; look < 3; look += 1) containers.cgroups();
  expect(said.map(({ msg }) => msg)).toEqual([expect.stringContaining('--kubepods-path does not exist')]);
  expect(containers.notReported()).toMatchObject([
    { code: 'kubepods-path-missing', cgroupPath: '/kubepods' },
  ]);
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  expect(containers.cgroups()).toEqual([cgroup]);
  expect(said.at(-1)?.msg).toMatch(/found/);
  expect(containers.notReported()).toMatchObject([{ code: 'starting' }]);
});

test('NodeContainers counts links that disagree with their target and says so once', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  symlinkSync('/p/default_evil_1/app/0.log', join(folder, 'logs', `web_default_app-${id}.log`));
  const containers = source();
  for (let look = 0; look < 3; look += 1) containers.cgroups();
  expect(containers.name(cgroup)).toBeUndefined();
  expect(said).toMatchObject([{ level: 40, count: 1, first: expect.stringContaining('default_evil_1') }]);
});

test('NodeContainers does not name a container without a process until it has one', () => {
  const events = namedContainer();
  const containers = source();
  events(0);
  containers.cgroups();
  expect(containers.name(cgroup)).toBeUndefined();
  expect(containers.notReported()).toMatchObject([
    { code: 'empty-cgroup', namespace: 'default', pod: 'web', container: 'app' },
  ]);
  events(1);
  expect(containers.name(cgroup)?.container).toBe('app');
});

test('NodeContainers.notReported() looks at cgroups once between two looks, also for one pod', () => {
  const events = namedContainer();
  const containers = source();
  events(0);
  containers.cgroups();
  const empty = [{ code: 'empty-cgroup', pod: 'web' }];
  expect(containers.notReported({ namespace: 'default', name: 'web' })).toMatchObject(empty);
  expect(containers.notReported({ namespace: 'default', name: 'db' })).toEqual([]);
  expect(containers.notReported()).toMatchObject(empty);
  events(1);
  expect(containers.notReported()).toMatchObject(empty);
  expect(containers.notReported({ namespace: 'default', name: 'web' })).toMatchObject(empty);
  containers.cgroups();
  expect(containers.notReported()).toEqual([]);
});

test('NodeContainers tells of pods that can be measured only as a whole: kata and gVisor', () => {
  const kata = 'b'.repeat(64);
  for (const path of [`kubepods/pod1/kata_${id}`, `kubepods/pod2/${kata}`, 'kubepods/pod3'])
    mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'kubepods/pod2', kata, 'memory.usage_in_bytes'), '0\n');
  symlinkSync('/p/default_vm_1/app/0.log', join(folder, 'logs', `vm_default_app-${'c'.repeat(64)}.log`));
  symlinkSync('/p/default_sentry_2/app/0.log', join(folder, 'logs', `sentry_default_app-${kata}.log`));
  const containers = source();
  for (const each of containers.cgroups()) expect(containers.name(each)).toBeUndefined();
  expect(containers.wholePods()).toMatchObject([
    { path: '/kubepods/pod1', code: 'kata', named: { pod: 'vm' } },
    { path: '/kubepods/pod2', code: 'empty-cgroup', named: { pod: 'sentry' } },
  ]);
  writeFileSync(join(folder, 'kubepods/pod2', kata, 'memory.usage_in_bytes'), '4096\n');
  for (const each of containers.cgroups()) expect(containers.name(each)?.pod).toBe('sentry');
  expect(containers.wholePods()).toMatchObject([{ code: 'kata' }]);
});

test('NodeContainers tells of a name without a cgroup', () => {
  mkdirSync(join(folder, 'kubepods/pod1'), { recursive: true });
  symlinkSync('/p/default_web_1/app/0.log', join(folder, 'logs', `web_default_app-${id}.log`));
  const containers = source();
  containers.cgroups();
  expect(containers.notReported()).toMatchObject([{ code: 'no-cgroup', pod: 'web', containerId: id }]);
});

test('NodeContainers names containers from links, and says once when the links cannot be read', () => {
  mkdirSync(join(folder, 'kubepods/pod1', id), { recursive: true });
  symlinkSync('/p/default_web_1/app/0.log', join(folder, 'logs', `web_default_app-${id}.log`));
  const containers = source();
  containers.cgroups();
  expect(containers.name(cgroup)?.pod).toBe('web');
  rmSync(join(folder, 'logs'), { recursive: true });
  containers.cgroups();
  containers.cgroups();
  expect(said.filter(({ problem }) => problem?.includes('cannot list'))).toHaveLength(1);
});

test.each([
  { madeAt: 100, linkedAt: 103, startedAt: 100, why: 'the kubelet links it when it runs' },
  { madeAt: 200, linkedAt: 103, startedAt: 103, why: 'the kernel has looked the directory up anew' },
])(
  'NodeContainers counts a container made at $madeAt and linked at $linkedAt from $startedAt: $why',
  (times) => {
    mkdirSync(join(folder, cgroup.path), { recursive: true });
    utimesSync(join(folder, cgroup.path), times.madeAt, times.madeAt);
    const link = join(folder, 'logs', `web_default_app-${id}.log`);
    symlinkSync('/p/default_web_1/app/0.log', link);
    lutimesSync(link, times.linkedAt, times.linkedAt);
    const containers = source();
    containers.cgroups();
    expect(containers.name(cgroup)?.startedAtMs).toBe(times.startedAt * 1000);
  },
);

test('NodeContainers counts a container whose cgroup has vanished from its link', () => {
  const link = join(folder, 'logs', `web_default_app-${id}.log`);
  symlinkSync('/p/default_web_1/app/0.log', link);
  lutimesSync(link, 103, 103);
  const containers = source();
  containers.cgroups();
  expect(containers.name(cgroup)?.startedAtMs).toBe(103_000);
});
