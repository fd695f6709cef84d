import { join } from 'node:path';
import { errorCodeOf } from './file-calls.ts';
import type { HostFilesystem } from './host-filesystem.ts';
import { hostFilesystem } from './host-filesystem.ts';
import type { Mount } from './mountinfo.ts';
import { parseMountinfo } from './mountinfo.ts';
import { disabledControllers } from './proc-cgroups.ts';

export interface UnifiedLayout {
  readonly mode: 'v2';
  /** The root of the one hierarchy. */
  readonly directory: string;
}

/** `hybrid` has a v2 tree beside the v1 hierarchies, without the controllers: CPU and memory are read as in v1. */
export interface LegacyLayout {
  readonly mode: 'v1' | 'hybrid';
  readonly memoryDirectory: string;
  readonly cpuacctDirectory: string;
  /** Limits and throttling; undefined where the controller is not mounted. Often the same mount as cpuacct. */
  readonly cpuDirectory: string | undefined;
}

/**
 * Why a root is not supported:
 * - `unreadable`: statfs(2) failed, the reason has the errno name
 * - `single-hierarchy`: one v1 hierarchy lies there instead of the directory that holds all of them
 * - `sysfs`: plain sysfs, nothing is mounted over its empty directory
 * - `disabled`: the kernel has a controller that is turned off, by a boot option as a rule
 * - `mixed`: a controller is on the v2 tree while others are on v1 (`cgroup_no_v1=`)
 * - `not-mounted`: a controller is nowhere below the root
 */
export type UnsupportedCause =
  | 'unreadable'
  | 'single-hierarchy'
  | 'sysfs'
  | 'disabled'
  | 'mixed'
  | 'not-mounted';

export interface UnsupportedLayout {
  readonly mode: 'unsupported';
  readonly cause: UnsupportedCause;
  /** What was looked at and what was found, for a person. */
  readonly reason: string;
}

export type SupportedLayout = UnifiedLayout | LegacyLayout;
export type Layout = SupportedLayout | UnsupportedLayout;

export interface LayoutOptions {
  /** Where the host's cgroups are mounted; by default `/sys/fs/cgroup`. */
  root?: string;
  /** The mounts of this process; by default `/proc/self/mountinfo`. */
  mountinfoPath?: string;
  /** The kernel's v1 controllers, on or off; by default `/proc/cgroups`. */
  cgroupsPath?: string;
}

/** linux/magic.h */
export const CGROUP2_SUPER_MAGIC = 0x63677270;
const CGROUP_SUPER_MAGIC = 0x27e0eb;
const SYSFS_MAGIC = 0x62656572;

/**
 * Finds out how cgroups are mounted below `root`, by the magic number of the file system there, as systemd and runc do.
 * Everything outside of `root` is left alone: a container sees its own cgroups in another place than the host's.
 * Never throws: whatever is in the way becomes the reason of `unsupported`.
 */
export function detectLayout(
  options: LayoutOptions = {},
  filesystem: HostFilesystem = hostFilesystem,
): Layout {
  const root = options.root ?? '/sys/fs/cgroup';
  const mountinfoPath = options.mountinfoPath ?? '/proc/self/mountinfo';
  let magic: number;
  try {
    magic = filesystem.filesystemMagic(root);
  } catch (thrown) {
    return unsupported('unreadable', `statfs of ${root} failed with ${errorCodeOf(thrown)}`);
  }
  if (magic === CGROUP2_SUPER_MAGIC) return { mode: 'v2', directory: root };
  if (magic === CGROUP_SUPER_MAGIC) {
    return unsupported(
      'single-hierarchy',
      `${root} is a single cgroup v1 hierarchy, expected the directory that holds all of them`,
    );
  }
  if (magic === SYSFS_MAGIC) {
    return unsupported('sysfs', `${root} is plain sysfs: no cgroup file system is mounted there`);
  }

  const mounts = readMounts(filesystem, mountinfoPath);
  const find = (controller: string) => findHierarchy(filesystem, mounts, root, controller);
  const memoryDirectory = find('memory');
  const cpuacctDirectory = find('cpuacct');
  const isHybrid = magicOrUndefined(filesystem, join(root, 'unified')) === CGROUP2_SUPER_MAGIC;
  if (memoryDirectory === undefined || cpuacctDirectory === undefined) {
    const missing: string[] = [];
    if (memoryDirectory === undefined) missing.push('memory');
    if (cpuacctDirectory === undefined) missing.push('cpuacct');
    const isMixed = isHybrid && missing.some((controller) => hasUnified(filesystem, root, controller));
    const disabled = disabledControllers(
      readOrEmpty(filesystem, options.cgroupsPath ?? '/proc/cgroups'),
    ).filter((controller) => missing.includes(controller));
    const cause = isMixed ? 'mixed' : disabled.length > 0 ? 'disabled' : 'not-mounted';
    return unsupported(
      cause,
      `no cgroup v1 hierarchy of ${missing.join(' and ')} in ${mountinfoPath} below ${root} nor at ${root}/<controller>` +
        `${isHybrid ? ', and the v2 tree beside the others is not read' : ''}; ` +
        `file system there: magic 0x${magic.toString(16)}` +
        `${disabled.length === 0 ? '' : `; turned off in the kernel: ${disabled.join(' and ')}`}`,
    );
  }
  return { mode: isHybrid ? 'hybrid' : 'v1', memoryDirectory, cpuacctDirectory, cpuDirectory: find('cpu') };
}

/** The first directory for the controller that really is a v1 hierarchy: mounts in mountinfo's order, then by name. */
export function findHierarchy(
  filesystem: HostFilesystem,
  mounts: readonly Mount[],
  root: string,
  controller: string,
): string | undefined {
  const realRoot = realPathOrUndefined(filesystem, root) ?? root;
  const candidates = mounts
    .filter((mount) => mount.filesystemType === 'cgroup' && mount.superOptions.includes(controller))
    .map((mount) => mount.mountPoint)
    .filter((mountPoint) => mountPoint.startsWith(`${realRoot}/`));
  const byName = realPathOrUndefined(filesystem, join(root, controller));
  if (byName !== undefined) candidates.push(byName);
  return candidates.find((directory) => magicOrUndefined(filesystem, directory) === CGROUP_SUPER_MAGIC);
}

export function readMounts(filesystem: HostFilesystem, path: string): readonly Mount[] {
  try {
    return parseMountinfo(filesystem.readText(path)).mounts;
  } catch {
    // The hierarchies can still be found by name.
    return [];
  }
}

export function magicOrUndefined(filesystem: HostFilesystem, path: string): number | undefined {
  try {
    return filesystem.filesystemMagic(path);
  } catch {
    return undefined;
  }
}

function realPathOrUndefined(filesystem: HostFilesystem, path: string): string | undefined {
  try {
    return filesystem.realPath(path);
  } catch {
    return undefined;
  }
}

function readOrEmpty(filesystem: HostFilesystem, path: string): string {
  try {
    return filesystem.readText(path);
  } catch {
    return '';
  }
}

function hasUnified(filesystem: HostFilesystem, root: string, controller: string): boolean {
  return readOrEmpty(filesystem, join(root, 'unified/cgroup.controllers'))
    .trim()
    .split(' ')
    .includes(controller);
}

function unsupported(cause: UnsupportedCause, reason: string): UnsupportedLayout {
  return { mode: 'unsupported', cause, reason };
}
