import {
  detectLayout,
  type HostFilesystem,
  isRootOfPart,
  missingControllers,
  type SupportedLayout,
} from 'node-cgroup-stats';
import type { Logger } from 'pino';
import { findKubepodsRoots } from '../pods/kubepods-tree.ts';
import { listParentlessContainers } from '../pods/stray-containers.ts';
import { forgottenMount, missingControllersAdvice, unsupportedAdvice } from './cgroup-mounts.ts';

/** What is known of this process's surroundings before anything is read. */
export interface NodeLayoutOptions {
  /** What --cgroup-root names. */
  readonly cgroupRoot: string;
  readonly kubepodsPaths: readonly string[];
  /** Whether this process runs in a pod: then a root without pods' cgroups is wrong for certain. */
  readonly inPod: boolean;
}

/** Directory of the hierarchy in which pods' cgroups are listed. */
export function listedHierarchy(layout: SupportedLayout): string {
  return layout.mode === 'v2' ? layout.directory : layout.memoryDirectory;
}

/**
 * How cgroups are mounted on this node.
 * @param filesystem by default the machine's
 * @throws when they cannot be read, or when they are a container's own instead of the node's; says how to mend it
 */
export function nodeLayout(
  { cgroupRoot, kubepodsPaths, inPod }: NodeLayoutOptions,
  log: Logger,
  filesystem?: HostFilesystem,
): SupportedLayout {
  const layout = detectLayout({ root: cgroupRoot }, filesystem);
  if (layout.mode === 'unsupported') {
    throw new Error(`Cannot read this machine's cgroups: ${unsupportedAdvice(layout, cgroupRoot)}`);
  }
  const hierarchy = listedHierarchy(layout);
  const isPart = isRootOfPart(layout, filesystem);
  const hasKubepods =
    kubepodsPaths.length > 0 ||
    findKubepodsRoots(hierarchy).length > 0 ||
    listParentlessContainers(hierarchy).length > 0;
  const forgotten = forgottenMount({ isRootOfPart: isPart, hasKubepods }, cgroupRoot);
  if (forgotten !== undefined) {
    if (inPod) throw new Error(`Cannot find this node's cgroups: ${forgotten}`);
    log.warn(
      { root: cgroupRoot },
      'these are a container’s cgroups: what is reported as the node is the container',
    );
  }
  const missing = layout.mode === 'v2' ? missingControllers(layout, filesystem) : [];
  if (missing.length > 0) log.error({ missing }, missingControllersAdvice(missing, cgroupRoot));
  return layout;
}
