import { containerId, mismatchedContainer } from './cgroup-name.ts';
import { childDirectories } from './child-directories.ts';
import type { ContainerCgroup } from './kubepods-tree.ts';

/** Services that a container runtime runs in, or a distribution that brings its own. */
const runtimeService =
  /^(?:containerd|crio|docker|cri-docker|k3s|k3s-agent|rke2-server|rke2-agent|k0scontroller|k0sworker|snap\.microk8s\.daemon-(?:containerd|kubelite))\.service$/;

/**
 * Containers of a node whose kubelet has the systemd driver and whose runc has not: their cgroups lie beside or inside
 * the runtime's, each under the literal path that the kubelet meant, and the pods' own cgroups stay empty.
 * @param refused told where a directory could not be listed just now
 */
export function listMismatchedContainers(hierarchy: string, refused: () => void): ContainerCgroup[] {
  const found: ContainerCgroup[] = [];
  const look = (parent: string): readonly string[] => {
    const names = childDirectories(`${hierarchy}${parent}`, refused);
    for (const name of names) {
      const container = mismatchedContainer(name);
      if (container !== undefined) found.push({ path: `${parent}/${name}`, ...container });
    }
    return names;
  };
  look('');
  for (const name of look('/system.slice')) if (runtimeService.test(name)) look(`/system.slice/${name}`);
  return found;
}

/** Where runtimes put containers for which the kubelet names no parent, and how the name begins there. */
const parentless: readonly { readonly parent: string; readonly name: RegExp }[] = [
  { parent: '/k8s.io', name: /^[0-9a-f]/ },
  { parent: '/docker', name: /^[0-9a-f]/ },
  { parent: '/crio', name: /^crio-/ },
  { parent: '/system.slice', name: /^(?:crio|docker)-.*\.scope$/ },
];

/**
 * Containers of a node whose kubelet makes no cgroups for pods (`cgroups-per-qos=false`), and whatever else the runtime
 * runs. Their paths say no pod: only the container ID tells whose they are.
 * @param refused told where a directory could not be listed just now
 */
export function listParentlessContainers(hierarchy: string, refused?: () => void): ContainerCgroup[] {
  return parentless.flatMap(({ parent, name }) =>
    childDirectories(`${hierarchy}${parent}`, refused).flatMap((child) => {
      // Below the last of the parents a name without `.scope` does not get here.
      const id = name.test(child) ? containerId(child, '') : undefined;
      return id === undefined ? [] : [{ path: `${parent}/${child}`, podUid: undefined, containerId: id }];
    }),
  );
}
