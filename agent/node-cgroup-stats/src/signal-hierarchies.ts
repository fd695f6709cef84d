import { join } from 'node:path';
import type { HostFilesystem } from './host-filesystem.ts';
import { hostFilesystem } from './host-filesystem.ts';
import type { LayoutOptions, SupportedLayout } from './layout.ts';
import { CGROUP2_SUPER_MAGIC, findHierarchy, magicOrUndefined, readMounts } from './layout.ts';

/** Hierarchies of v1 that only signals are read from; undefined where one is not mounted. */
export interface SignalHierarchies {
  readonly pidsDirectory?: string | undefined;
  readonly blkioDirectory?: string | undefined;
  /** The v2 tree of a hybrid layout: without controllers, but with pressure. */
  readonly unifiedDirectory?: string | undefined;
}

/**
 * Looks for them where the layout was found, with the same options. None with v2, whose one tree has all of it. Never throws.
 */
export function findSignalHierarchies(
  layout: SupportedLayout,
  options: LayoutOptions = {},
  filesystem: HostFilesystem = hostFilesystem,
): SignalHierarchies {
  if (layout.mode === 'v2') return {};
  const root = options.root ?? '/sys/fs/cgroup';
  const mounts = readMounts(filesystem, options.mountinfoPath ?? '/proc/self/mountinfo');
  const unified = join(root, 'unified');
  const isUnified = magicOrUndefined(filesystem, unified) === CGROUP2_SUPER_MAGIC;
  return {
    pidsDirectory: findHierarchy(filesystem, mounts, root, 'pids'),
    blkioDirectory: findHierarchy(filesystem, mounts, root, 'blkio'),
    unifiedDirectory: isUnified ? unified : undefined,
  };
}
