import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostFilesystem } from 'node-cgroup-stats';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeLayout } from './node-layout.ts';

const CGROUP2 = 0x63677270;
const CGROUP = 0x27e0eb;
const TMPFS = 0x01021994;
const SYSFS = 0x62656572;

let root = '';
let said: { level: number; msg: string }[] = [];
const log = pino({}, { write: (line: string) => void said.push(JSON.parse(line)) });
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tacho-mounts-'));
  said = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Files of the temporary directory, each with the magic number that a test gives its path. */
const host = (
  magics: Readonly<Record<string, number>>,
  texts: Readonly<Record<string, string>> = {},
): HostFilesystem => ({
  filesystemMagic(path) {
    const magic = magics[path.slice(root.length)];
    if (magic === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
    return magic;
  },
  realPath: (path) => path,
  readText: (path) => texts[path] ?? readFileSync(path.startsWith(root) ? path : join(root, 'none'), 'utf8'),
});

const write = (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};
const find = (filesystem: HostFilesystem, more: { inPod?: boolean; kubepodsPaths?: string[] } = {}) =>
  nodeLayout({ cgroupRoot: root, kubepodsPaths: [], inPod: true, ...more }, log, filesystem);

const v1 = { '': TMPFS, '/memory': CGROUP, '/cpuacct': CGROUP };
const hostPath = 'hostPath: {path: /sys/fs/cgroup, type: Directory}';

test.each([
  { what: 'no mount at all', magics: {}, says: hostPath },
  { what: 'one v1 hierarchy', magics: { '': CGROUP }, says: 'one level too deep' },
  { what: 'plain sysfs', magics: { '': SYSFS }, says: 'A hostPath of /sys comes without' },
  { what: 'an empty directory', magics: { '': TMPFS }, says: hostPath },
])('nodeLayout() of $what names the line of the manifest that mends it', ({ magics, says }) => {
  expect(() => find(host(magics))).toThrow("Cannot read this machine's cgroups: ");
  expect(() => find(host(magics))).toThrow(says);
  expect(() => find(host(magics))).toThrow(`mountPath: ${root}`);
});

test('nodeLayout() of a node with memory on the v2 tree beside v1 names the boot options', () => {
  const magics = { '': TMPFS, '/cpuacct': CGROUP, '/unified': CGROUP2 };
  write({ 'unified/cgroup.controllers': 'memory\n' });
  expect(() => find(host(magics))).toThrow(/without cgroup_no_v1=.*systemd.unified_cgroup_hierarchy=1/);
});

test('nodeLayout() of a node whose memory controller is turned off names the boot options', () => {
  const texts = { '/proc/cgroups': 'memory\t0\t9\t0\n' };
  expect(() => find(host({ '': TMPFS, '/cpuacct': CGROUP }, texts))).toThrow(
    /turned off in the kernel: memory.*cgroup_enable=memory/,
  );
});

test.each([
  {
    version: 'v2',
    magics: { '': CGROUP2 },
    own: { 'cgroup.type': 'domain\n', 'cgroup.controllers': 'cpu memory' },
  },
  { version: 'v1', magics: v1, own: { 'memory/cgroup.procs': '1\n' } },
])('nodeLayout() takes a container’s own $version cgroups for a forgotten mount', ({ magics, own }) => {
  write(own);
  expect(() => find(host(magics))).toThrow(
    `Cannot find this node's cgroups: ${root} is the root of a container’s own cgroups`,
  );
  expect(() => find(host(magics))).toThrow(
    `${hostPath}}], volumeMounts: [{name: cgroup, mountPath: /host/cgroup`,
  );
});

test.each([
  { what: 'kind', path: 'kubelet.slice/kubelet-kubepods.slice' },
  { what: 'cgroups-per-qos=false in a container', path: `k8s.io/${'a'.repeat(64)}` },
])('nodeLayout() takes the root of a part with pods in it for the node’s: $what', ({ path }) => {
  write({ 'cgroup.type': 'domain\n', 'cgroup.controllers': 'cpu memory' });
  mkdirSync(join(root, path), { recursive: true });
  expect(find(host({ '': CGROUP2 }))).toEqual({ mode: 'v2', directory: root });
  expect(said).toEqual([]);
});

test('nodeLayout() takes a given --kubepods-path for the user’s word', () => {
  write({ 'cgroup.type': 'domain\n', 'cgroup.controllers': 'cpu memory' });
  expect(find(host({ '': CGROUP2 }), { kubepodsPaths: ['/mine'] }).mode).toBe('v2');
});

test('nodeLayout() outside of a pod only warns that the container passes for the node', () => {
  write({ 'cgroup.type': 'domain\n', 'cgroup.controllers': 'cpu memory' });
  expect(find(host({ '': CGROUP2 }), { inPod: false }).mode).toBe('v2');
  expect(said).toMatchObject([{ level: 40, msg: expect.stringContaining('a container’s cgroups') }]);
});

test('nodeLayout() of the machine’s own root finds pods later', () => {
  write({ 'memory/cgroup.procs': '', 'memory/cgroup.sane_behavior': '0\n' });
  expect(find(host(v1))).toMatchObject({ mode: 'v1' });
  expect(said).toEqual([]);
});

test.each([
  ['cpu io pids', 'memory: no pod and no node has a value. Boot the node with cgroup_enable=memory'],
  ['memory io pids', 'cpu: limits and throttling are not known'],
])('nodeLayout() goes on with the v2 controllers %s and says what that costs', (controllers, says) => {
  write({ 'cgroup.controllers': `${controllers}\n` });
  expect(find(host({ '': CGROUP2 })).mode).toBe('v2');
  expect(said).toMatchObject([{ level: 50, msg: expect.stringContaining(says) }]);
});
