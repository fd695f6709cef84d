import { join } from 'node:path';
import type { HostFilesystem } from './host-filesystem.ts';
import { hostFilesystem } from './host-filesystem.ts';
import type { SupportedLayout, UnifiedLayout } from './layout.ts';

/**
 * Whether the root of the layout is a cgroup below the machine's: a container's own, or that of a cgroup namespace. The
 * kernel has `cgroup.type` in every v2 cgroup but the root (since 4.14), `cgroup.sane_behavior` in no v1 cgroup but it.
 * Where neither can be looked at, the root is taken for the machine's.
 */
export function isRootOfPart(layout: SupportedLayout, filesystem: HostFilesystem = hostFilesystem): boolean {
  if (layout.mode === 'v2') return has(filesystem, layout.directory, 'cgroup.type');
  const { memoryDirectory } = layout;
  return (
    has(filesystem, memoryDirectory, 'cgroup.procs') &&
    !has(filesystem, memoryDirectory, 'cgroup.sane_behavior')
  );
}

/**
 * Those of the controllers cpu and memory that a v2 root does not have: turned off by a boot option, or not handed down
 * to this part of the tree. Empty where `cgroup.controllers` cannot be read.
 */
export function missingControllers(
  { directory }: UnifiedLayout,
  filesystem: HostFilesystem = hostFilesystem,
): readonly string[] {
  let text: string;
  try {
    text = filesystem.readText(join(directory, 'cgroup.controllers'));
  } catch {
    return [];
  }
  const there = text.trim().split(' ');
  return ['cpu', 'memory'].filter((controller) => !there.includes(controller));
}

function has(filesystem: HostFilesystem, directory: string, name: string): boolean {
  try {
    filesystem.readText(join(directory, name));
    return true;
  } catch {
    return false;
  }
}
