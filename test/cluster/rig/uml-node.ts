import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePtracePadding, needsPtracePadding } from '../../kernel/uml/ptrace-padding.ts';
import type { Network } from './network.ts';
import type { RigNode } from './node.ts';
import { nodeFolder } from './node-files.ts';
import type { NodeKind } from './node-kind.ts';
import type { Processes } from './processes.ts';

const memoryMib = 2000;
const diskBytes = 4 * 1024 ** 3;
const scripts = join(import.meta.dirname, '..', 'node');

/** Nodes with a kernel of their own, which is a process here. Their disk is a sparse file. */
export function createUmlNodes(
  deps: { readonly processes: Processes; readonly network: Network },
  { folder, binaries }: { readonly folder: string; readonly binaries: string },
): NodeKind {
  const { processes, network } = deps;

  async function start({ name, number, driver }: RigNode): Promise<void> {
    const disk = join(nodeFolder(folder, name), 'disk.img');
    if (!existsSync(disk)) {
      writeFileSync(disk, '');
      truncateSync(disk, diskBytes);
      execFileSync('mkfs.ext4', ['-q', disk]);
    }
    const device = await network.plugTap(number);
    // Its pid file and control socket: those of a kernel that was killed are in the way of the next.
    const control = join(folder, 'uml', name);
    rmSync(control, { recursive: true, force: true });
    const preload = needsPtracePadding() ? { LD_PRELOAD: padding() } : {};
    const kernelCommandLine = [
      ...[`mem=${memoryMib}M`, `uml_dir=${join(folder, 'uml')}`, `umid=${name}`, `ubd0=${disk}`],
      ...['rootfstype=hostfs', 'rootflags=/', 'ro', `vec0:transport=tap,ifname=${device}`],
      ...['con=null', 'con0=fd:0,fd:1', 'quiet', `init=${join(scripts, 'uml-init.sh')}`],
      ...[`NODE=${name}`, `DRIVER=${driver}`, `CLUSTER=${folder}`, `BINARIES=${binaries}`],
    ];
    await processes.start(name, [...network.enter(), 'linux.uml', ...kernelCommandLine], {
      TMPDIR: memoryFolder(folder),
      ...preload,
    });
  }

  function padding(): string {
    const library = join(folder, 'ptrace-padding.so');
    return existsSync(library) ? library : compilePtracePadding(folder);
  }

  return { start, kill: ({ name }) => processes.stop(name) };
}

/** The memory of a node is an open file without a name. In a container /dev/shm is often 64 MiB: then a disk must do. */
function memoryFolder(fallback: string): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > 2 * memoryMib * 1024 * 1024 ? '/dev/shm' : fallback;
  } catch {
    return fallback;
  }
}
