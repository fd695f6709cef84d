import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NotReportedCode } from '../pods/not-reported.ts';

/** UIDs of four pods; that of a static pod is the hash of its manifest. */
export const uid = {
  a: '7d0a9b2c-4e6f-4091-a2b3-c4d5e6f70819',
  b: '11111111-2222-4333-8444-555555555555',
  c: 'cccccccc-cccc-4ccc-8ccc-cccccccccccc',
  static: '7d0a9b2c4e6f8091a2b3c4d5e6f70819',
} as const;

/** A container ID for each number below 256. */
export const id = (number: number): string => `${number.toString(16).padStart(2, '0')}5e`.repeat(16);

/**
 * What must become of a cgroup:
 * - `pod/container`: it has a log link and comes out under this name
 * - a code: it is listed, and not reported for that reason; `linked` gives it a log link all the same
 * - `ignored`: it is not a container and not listed
 * - `stale`: without a process, and not listed because its container has another cgroup
 */
export type Fate =
  | `${string}/${string}`
  | NotReportedCode
  | 'ignored'
  | 'stale'
  | { readonly code: NotReportedCode; readonly linked: string };

/** The cgroups of a node, and what must become of each. */
export interface LayoutFixture {
  /** The distribution, or what is odd about it. */
  readonly name: string;
  /** Which kernel files say whether a cgroup holds a process. */
  readonly version: 'v1' | 'v2';
  /** `--kubepods-path`; by default none. */
  readonly kubepodsPaths?: readonly string[];
  /** UIDs of the pods of log links, by pod name, where the path of the cgroup does not say it. */
  readonly uids?: Readonly<Record<string, string>>;
  /** In the order in which they are made; paths relative to the hierarchy's root. */
  readonly cgroups: readonly (readonly [path: string, fate: Fate])[];
  /** Codes that belong to a pod or the node, beyond those of the cgroups. */
  readonly alsoNotReported?: readonly NotReportedCode[];
}

/** A hierarchy and a directory of log links on disk. */
export interface BuiltLayout {
  readonly hierarchy: string;
  readonly containerLogs: string;
  /** A cgroup file system counts them up, another one need not. */
  inode(path: string): number | undefined;
  remove(): void;
}

/** Path of a pod's cgroup with the systemd driver. @param root the kubelet's `cgroupRoot` */
export function slice(qos: 'guaranteed' | 'burstable' | 'besteffort', podUid: string, root = ''): string {
  const parts = [...(root === '' ? [] : [root]), 'kubepods', ...(qos === 'guaranteed' ? [] : [qos])];
  parts.push(`pod${podUid.replaceAll('-', '_')}`);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('-')}.slice`).join('');
}

/** Path of a pod's cgroup with the cgroupfs driver. */
export function directory(qos: 'guaranteed' | 'burstable' | 'besteffort', podUid: string, root = ''): string {
  return `${root}/kubepods${qos === 'guaranteed' ? '' : `/${qos}`}/pod${podUid}`;
}

/** Name under which a fate links a container's log, `pod/container`; undefined: no link. */
function linkedName(fate: Fate): string | undefined {
  if (typeof fate === 'object') return fate.linked;
  return fate.includes('/') ? fate : undefined;
}

export function buildLayout(fixture: LayoutFixture): BuiltLayout {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-layout-'));
  const hierarchy = join(folder, 'cgroup');
  const containerLogs = join(folder, 'containers');
  for (const path of [hierarchy, containerLogs]) mkdirSync(path);
  for (const [path, fate] of fixture.cgroups) {
    mkdirSync(join(hierarchy, path), { recursive: true });
    const isEmpty = fate === 'stale' || (typeof fate === 'object' && fate.code === 'empty-cgroup');
    if (fixture.version === 'v2') {
      writeFileSync(join(hierarchy, path, 'cgroup.events'), `populated ${isEmpty ? 0 : 1}\nfrozen 0\n`);
    } else writeFileSync(join(hierarchy, path, 'memory.usage_in_bytes'), isEmpty ? '0\n' : '4096\n');
    const name = linkedName(fate);
    const containerId = /[0-9a-f]{64}/.exec(path)?.[0];
    if (name === undefined || containerId === undefined) continue;
    const [pod = '', container = ''] = name.split('/');
    const podUid = fixture.uids?.[pod] ?? uidInPath(path);
    symlinkSync(
      `/var/log/pods/default_${pod}_${podUid}/${container}/0.log`,
      join(containerLogs, `${pod}_default_${container}-${containerId}.log`),
    );
  }
  const made = new Map(fixture.cgroups.map(([path], index) => [path, index]));
  return {
    hierarchy,
    containerLogs,
    inode: (path) => made.get(path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Written apart from the code that is tested. */
function uidInPath(path: string): string {
  const written = Object.values(uid).find((each) => path.replaceAll('_', '-').includes(each));
  if (written === undefined) throw new Error(`Cannot link ${path}: expected one of the fixture's UIDs in it`);
  return written;
}
