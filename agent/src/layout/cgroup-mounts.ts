import type { UnsupportedLayout } from 'node-cgroup-stats';

/** The volume and the mount of the agent's pod in the chart. Anything else is a manifest of somebody's own. */
const volume = 'volumes: [{name: cgroup, hostPath: {path: /sys/fs/cgroup, type: Directory}}]';

/**
 * Why the machine's cgroups cannot be read, and the line of the manifest or the boot option that mends it.
 * @param root what --cgroup-root names
 */
export function unsupportedAdvice({ cause, reason }: UnsupportedLayout, root: string): string {
  return `${reason}. ${advice(cause, root)}`;
}

function advice(cause: UnsupportedLayout['cause'], root: string): string {
  const mount = `the pod needs ${volume} and volumeMounts: [{name: cgroup, mountPath: ${root}, readOnly: true}]`;
  switch (cause) {
    case 'single-hierarchy':
      return `The hostPath is one level too deep: ${mount}`;
    case 'sysfs':
      return `A hostPath of /sys comes without what is mounted below it, or the node mounts no cgroups: ${mount}`;
    case 'disabled':
      return 'The kubelet needs these controllers too: boot the node without cgroup_disable=, on a Raspberry Pi with cgroup_enable=memory';
    case 'mixed':
      return 'The kubelet cannot do that either: boot the node without cgroup_no_v1=, or wholly with cgroup v2 (systemd.unified_cgroup_hierarchy=1)';
    case 'unreadable':
    case 'not-mounted':
      return `If --cgroup-root=${root} is what is meant, ${mount}`;
  }
}

/** What of a layout is looked at to know a forgotten mount. */
export interface MountFacts {
  /** The root has a cgroup above it: a container's own, or that of a cgroup namespace (kind). */
  readonly isRootOfPart: boolean;
  /** Pods' cgroups were found, or their place was given. */
  readonly hasKubepods: boolean;
}

/**
 * Why this layout cannot be this node's: undefined when it can. A root that is part of a tree and has no pods' cgroups is
 * the agent's own: its numbers would pass for the node's.
 * @param root what --cgroup-root names
 */
export function forgottenMount({ isRootOfPart, hasKubepods }: MountFacts, root: string): string | undefined {
  if (!isRootOfPart || hasKubepods) return undefined;
  return (
    `${root} is the root of a container’s own cgroups, not of this node’s, and no pods’ cgroups are below it. ` +
    `The pod needs ${volume}, volumeMounts: [{name: cgroup, mountPath: /host/cgroup, readOnly: true}] and ` +
    'args: [--cgroup-root=/host/cgroup]; where the pods’ cgroups have another name, --kubepods-path gives it'
  );
}

/** What a v2 root without a controller costs. @param missing of cpu and memory, not empty */
export function missingControllersAdvice(missing: readonly string[], root: string): string {
  const [boot, cost] = missing.includes('memory')
    ? ['with cgroup_enable=memory, without cgroup_disable=memory', 'no pod and no node has a value']
    : ['without cgroup_disable=cpu', 'limits and throttling are not known'];
  return `${root} has no controller ${missing.join(' and ')}: ${cost}. Boot the node ${boot}`;
}
