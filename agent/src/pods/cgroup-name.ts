/** What the name of a directory says that lies where kubelet and container runtimes make cgroups. */

/** A directory below which all pods of one kubelet lie. */
export function isKubepodsRoot(name: string): boolean {
  return name === 'kubepods' || /^(?:.+-)?kubepods\.slice$/.test(name);
}

/** A directory between the kubepods root and the pods of one QoS class; guaranteed pods have none. */
export function isQosDirectory(name: string): boolean {
  return name === 'burstable' || name === 'besteffort' || /-(?:burstable|besteffort)\.slice$/.test(name);
}

/**
 * The pod's UID as the kubelet uses it: for a static pod the hash of its manifest, so not always a UUID.
 * The systemd driver writes `-` as `_`, because `-` means nesting in a slice's name.
 */
export function podUid(name: string): string | undefined {
  if (!name.endsWith('.slice')) return /^pod[^-]/.test(name) ? name.slice(3) : undefined;
  const parts = name.slice(0, -'.slice'.length).split('-');
  const last = parts.at(-1) ?? '';
  const parent = parts.at(-2) ?? '';
  if (!/^(?:kubepods|burstable|besteffort)$/.test(parent) || !last.startsWith('pod') || last.length === 3)
    return undefined;
  return last.slice(3).replaceAll('_', '-');
}

const container = /^(?:([a-z][a-z0-9.]*(?:-[a-z0-9.]+)*)-)?([0-9a-f]{64})(\.scope)?$/;

/**
 * The container's ID from the name of its cgroup: `<id>`, `crio-<id>`, `cri-containerd-<id>.scope`, `docker-<id>.scope`.
 * @returns undefined for what is no container: conmon, the marker that CRI-O leaves for a sandbox without a process.
 */
export function containerId(name: string, parent: string): string | undefined {
  const match = container.exec(name);
  if (match === null) return undefined;
  const [, prefix, id, scope] = match;
  // A UID that somebody has written by hand may end in as many digits.
  if (prefix === 'crio-conmon' || podUid(name) !== undefined) return undefined;
  if (prefix === 'crio' && scope === undefined && parent.endsWith('.slice')) return undefined;
  return id;
}

const kata = /^kata_(?:cri-containerd-|crio-)?([0-9a-f]{64})(?:\.scope)?$/;

/** The sandbox's ID from the name of the cgroup in which kata runs a pod's virtual machine. */
export function kataSandboxId(name: string): string | undefined {
  return kata.exec(name)?.[1];
}

const mismatched = /^([^:/]+\.slice):[^:/]+:([0-9a-f]{64})$/;

/**
 * Pod and container from `kubepods-podU.slice:cri-containerd:ID`: what runc with the cgroupfs driver makes of the path
 * that a kubelet with the systemd driver gives it, as one literal name.
 */
export function mismatchedContainer(
  name: string,
): { readonly podUid: string; readonly containerId: string } | undefined {
  const [, slice, id] = mismatched.exec(name) ?? [];
  if (slice === undefined || id === undefined) return undefined;
  const uid = podUid(slice);
  return uid === undefined ? undefined : { podUid: uid, containerId: id };
}
