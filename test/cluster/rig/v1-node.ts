import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Network } from './network.ts';
import type { RigNode } from './node.ts';
import type { NodeKind } from './node-kind.ts';
import type { Processes } from './processes.ts';

const root = '/sys/fs/cgroup';
const scripts = join(import.meta.dirname, '..', 'node');
const removedWithinMs = 10_000;

/** Enters its cgroups, then its network, then namespaces of its own, in which the last word is the first process. */
const boot = `for cgroup in $CGROUPS; do echo $$ >"$cgroup/cgroup.procs"; done
exec nsenter --net="$1" unshare --cgroup --mount --uts --ipc --pid --fork --kill-child "$2"`;

/** Nodes on this machine's kernel with its cgroup v1. Their cgroups lie below one of the node's own in each hierarchy. */
export function createV1Nodes(
  deps: { readonly processes: Processes; readonly network: Network },
  options: { readonly folder: string; readonly binaries: string; readonly clusterName: string },
): NodeKind {
  const { processes, network } = deps;
  const cgroupOf = (hierarchy: string, node: string) =>
    join(root, hierarchy, `${options.clusterName}-${node}`);

  return {
    async start({ name, number }: RigNode) {
      await network.plugVeth(number);
      const names = hierarchies();
      const cgroups = names.map((hierarchy) => cgroupOf(hierarchy, name));
      for (const [index, cgroup] of cgroups.entries()) {
        mkdirSync(cgroup, { recursive: true });
        if (existsSync(join(cgroup, 'cpuset.cpus')))
          giveAllProcessors(join(root, names[index] ?? ''), cgroup);
      }
      const argv = ['sh', '-c', boot, 'sh', network.namespaceFile(number), join(scripts, 'v1-init.sh')];
      await processes.start(name, argv, {
        NODE: name,
        CLUSTER: options.folder,
        BINARIES: options.binaries,
        CGROUPS: cgroups.join(' '),
        HIERARCHIES: names.join(' '),
      });
    },
    async kill({ name }) {
      await processes.stop(name);
      for (const hierarchy of hierarchies()) await removeTree(cgroupOf(hierarchy, name));
    },
  };
}

/** Names below /sys/fs/cgroup with a hierarchy mounted; symbolic links such as `cpu` to `cpu,cpuacct` are left out. */
function hierarchies(): readonly string[] {
  return readdirSync(root).filter((name) => {
    const path = join(root, name);
    return lstatSync(path).isDirectory() && existsSync(join(path, 'cgroup.procs'));
  });
}

/** A new cgroup of cpuset has none, and takes no process until it has. */
function giveAllProcessors(parent: string, cgroup: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems'])
    writeFileSync(join(cgroup, file), readFileSync(join(parent, file)));
}

/** The deepest first; rmdir says EBUSY while the last process is on its way out. */
async function removeTree(cgroup: string): Promise<void> {
  if (!existsSync(cgroup)) return;
  for (const entry of readdirSync(cgroup, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(cgroup, entry.name));
  }
  const startMs = performance.now();
  for (;;) {
    try {
      return rmdirSync(cgroup);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      if (performance.now() - startMs > removedWithinMs) throw error;
    }
    await sleep(20);
  }
}
