import { isEmptyCgroup } from './cgroup-directory.ts';
import type { ContainerCgroup, PodDirectory } from './kubepods-tree.ts';
import type { NamedContainer, NameSource } from './name-source.ts';

/**
 * Why something of this node is not reported:
 * - `sandbox`: the pod's pause process, never reported by itself
 * - `starting`: a container that has no name yet
 * - `no-pod`: a container outside of the pods' cgroups that nobody names
 * - `names-unreadable`: nothing can be named at present
 * - `link-cut`, `link-disagrees`: see `NameDoubt`
 * - `empty-cgroup`: a named container without a process in its cgroup: gVisor, or it has just ended
 * - `kata`: the pod runs in a virtual machine
 * - `no-cgroup`: a name whose container has no cgroup: it has ended, or its runtime makes none
 * - `no-kubepods`, `kubepods-path-missing`: no pods are found, or a given place does not exist
 */
export type NotReportedCode =
  | 'sandbox'
  | 'starting'
  | 'no-pod'
  | 'names-unreadable'
  | 'link-cut'
  | 'link-disagrees'
  | 'empty-cgroup'
  | 'kata'
  | 'no-cgroup'
  | 'no-kubepods'
  | 'kubepods-path-missing';

/** One thing of this node that is not reported, and why. What is not known of it is left out. */
export interface NotReported {
  readonly code: NotReportedCode;
  /** For a person. */
  readonly sentence: string;
  /** What to do about it, where something can be done. */
  readonly mend?: string;
  readonly cgroupPath?: string;
  readonly containerId?: string;
  readonly podUid?: string;
  readonly namespace?: string;
  readonly pod?: string;
  readonly container?: string;
}

export interface PodName {
  readonly namespace: string;
  readonly name: string;
}

/** What was found at the last look. */
export interface Found {
  /** Directory of the hierarchy that is listed. */
  readonly hierarchy: string;
  readonly pods: readonly PodDirectory[];
  /** Each container once. */
  readonly containers: readonly ContainerCgroup[];
  /** Inode number of a cgroup's directory; undefined when it is gone. */
  inode(path: string): number | undefined;
}

const runsElsewhere =
  'Only the pod as a whole can be measured here; kubelet’s own figures come from the runtime.';

/** Looks at cgroups again, so it is for a person who asks, not for each tick. */
export function notReported(found: Found, names: NameSource): NotReported[] {
  const doubts = names.doubts();
  const cutPods = new Set(doubts.flatMap(({ code, podUid }) => (code === 'link-cut' ? [podUid] : [])));
  const sandboxes = certainSandboxes(found, names);
  const all = [...names.all()];
  return [
    ...found.containers.flatMap((cgroup) => {
      const named = names.get(cgroup.containerId);
      if (named !== undefined) return ofNamed(cgroup, named, found);
      return [ofNameless(cgroup, names, cutPods, sandboxes)];
    }),
    ...ofKata(found, all),
    ...withoutCgroup(found, all),
    ...doubts.map(({ podUid, ...doubt }) => ({
      ...doubt,
      ...(podUid === undefined ? {} : { podUid }),
      ...(doubt.code === 'link-cut' ? { mend: '--identity=api names such containers' } : {}),
    })),
  ];
}

/** Like `notReported()`, of one pod: only its own cgroups are looked at, and nothing is said of those without a name. */
export function podNotReported({ namespace, name }: PodName, found: Found, names: NameSource): NotReported[] {
  const own = [...names.all()].filter((each) => each.namespace === namespace && each.pod === name);
  const byId = new Map(own.map((named) => [named.containerId, named]));
  return [
    ...found.containers.flatMap((cgroup) => {
      const named = byId.get(cgroup.containerId);
      return named === undefined ? [] : ofNamed(cgroup, named, found);
    }),
    ...ofKata(found, own).filter(({ pod }) => pod !== undefined),
    ...withoutCgroup(found, own),
  ];
}

function ofNamed(cgroup: ContainerCgroup, named: NamedContainer, { hierarchy }: Found): NotReported[] {
  if (!isEmptyCgroup(hierarchy, cgroup.path)) return [];
  const sentence =
    `container ${named.container} has no process in its cgroup: it has just ended, or its runtime (gVisor) runs it ` +
    `in the sandbox’s. ${runsElsewhere}`;
  const { container } = named;
  return [{ code: 'empty-cgroup', sentence, ...placeOf(cgroup), ...ownerOf(named), container }];
}

function ofNameless(
  cgroup: ContainerCgroup,
  names: NameSource,
  cutPods: ReadonlySet<string | undefined>,
  sandboxes: ReadonlySet<ContainerCgroup>,
): NotReported {
  const { podUid } = cgroup;
  const where = placeOf(cgroup);
  if (names.problem !== undefined) return { code: 'names-unreadable', sentence: names.problem, ...where };
  const none = `nothing of it among the ${names.from}`;
  if (podUid === undefined) {
    return {
      code: 'no-pod',
      sentence: `${none}: a sandbox, or a container that belongs to no pod`,
      ...where,
    };
  }
  if (sandboxes.has(cgroup)) {
    const sentence = 'the pod’s sandbox (pause): what it uses is counted in the pod’s own cgroup';
    return { code: 'sandbox', sentence, ...where };
  }
  if (cutPods.has(podUid)) {
    return { code: 'link-cut', sentence: 'its log link’s name is cut, and it may be the sandbox', ...where };
  }
  return { code: 'starting', sentence: `${none}: the pod’s sandbox, or a container being started`, ...where };
}

/**
 * A sandbox never has a name and is made before the containers that run in it: the only nameless cgroup of its pod, with
 * a lower inode number than each named one (a cgroup file system counts them up). No number depends on this, only what is said of it.
 * Asks for the inode number of each cgroup at most once.
 */
function certainSandboxes({ containers, inode }: Found, names: NameSource): Set<ContainerCgroup> {
  const sandboxes = new Set<ContainerCgroup>();
  for (const [podUid, members] of Map.groupBy(containers, (each) => each.podUid)) {
    const [only, ...others] = members.filter(({ containerId }) => names.get(containerId) === undefined);
    if (podUid === undefined || only === undefined || others.length > 0 || members.length === 1) continue;
    const own = inode(only.path);
    const isFirst = (each: ContainerCgroup) => each === only || (own ?? 0) < (inode(each.path) ?? Infinity);
    if (own !== undefined && members.every(isFirst)) sandboxes.add(only);
  }
  return sandboxes;
}

function ofKata({ pods }: Found, all: readonly NamedContainer[]): NotReported[] {
  const nameOfPod = new Map(all.map((named) => [named.podUid, named]));
  return pods.flatMap(({ path, podUid, kataSandboxes }) => {
    if (kataSandboxes.length === 0) return [];
    const named = nameOfPod.get(podUid);
    const sentence = `the pod runs in a virtual machine (kata): its containers have no cgroups on this node. ${runsElsewhere}`;
    return [{ code: 'kata', sentence, cgroupPath: path, podUid, ...(named && ownerOf(named)) }];
  });
}

function withoutCgroup({ containers, pods }: Found, all: readonly NamedContainer[]): NotReported[] {
  const ids = new Set(containers.map(({ containerId }) => containerId));
  const kata = new Set(
    pods.flatMap(({ podUid, kataSandboxes }) => (kataSandboxes.length > 0 ? [podUid] : [])),
  );
  return all.flatMap((named) => {
    const { containerId, podUid, container } = named;
    if (ids.has(containerId) || kata.has(podUid)) return [];
    const sentence = `container ${container} has no cgroup: it has ended, or its runtime (gVisor, kata) makes none for it`;
    return [{ code: 'no-cgroup', sentence, containerId, podUid, ...ownerOf(named), container }];
  });
}

function placeOf({ path: cgroupPath, containerId, podUid }: ContainerCgroup) {
  return { cgroupPath, containerId, ...(podUid === undefined ? {} : { podUid }) };
}

function ownerOf({ namespace, pod }: NamedContainer): { readonly namespace: string; readonly pod: string } {
  return { namespace, pod };
}
