import { existsSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { hasCgroupV1, type RigNode } from './node.ts';

interface Requirement {
  /** A program, or the path of a file. */
  readonly what: string;
  /** The Debian package that has it. */
  readonly debianPackage: string;
  /** Which nodes need it; all unless told. */
  readonly kernel?: RigNode['kernel'];
}

const requirements: readonly Requirement[] = [
  { what: 'ip', debianPackage: 'iproute2' },
  { what: 'bridge', debianPackage: 'iproute2' },
  { what: 'nsenter', debianPackage: 'util-linux' },
  { what: 'unshare', debianPackage: 'util-linux' },
  { what: 'setpriv', debianPackage: 'util-linux' },
  { what: 'mount', debianPackage: 'mount' },
  { what: 'cc', debianPackage: 'gcc' },
  { what: '/usr/include/stdio.h', debianPackage: 'libc6-dev' },
  { what: 'runc', debianPackage: 'runc' },
  { what: '/usr/lib/cni/bridge', debianPackage: 'containernetworking-plugins' },
  { what: '/bin/busybox', debianPackage: 'busybox-static' },
  { what: 'iptables-legacy', debianPackage: 'iptables' },
  { what: 'linux.uml', debianPackage: 'user-mode-linux', kernel: 'uml' },
  { what: 'mkfs.ext4', debianPackage: 'e2fsprogs', kernel: 'uml' },
  { what: 'modprobe', debianPackage: 'kmod', kernel: 'uml' },
  { what: '/lib/systemd/systemd', debianPackage: 'systemd', kernel: 'uml' },
];

const searched = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where Go puts itself when it is installed as its own site says. */
const ownGoFolder = '/usr/local/go/bin';

/** Full path of a program in the usual folders or those of PATH. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  return [...path.split(delimiter), ...searched, ownGoFolder]
    .map((folder) => join(folder, name))
    .find((candidate) => existsSync(candidate));
}

/** Why a cluster with these nodes cannot be made on this machine, in one sentence that says how to mend it. */
export function whyNoCluster(nodes: readonly RigNode[]): string | undefined {
  if (platform() !== 'linux' || arch() !== 'x64')
    return `a cluster needs Linux on x86-64: this is ${platform()} on ${arch()}`;
  if (process.getuid?.() !== 0) return 'a cluster needs root: it makes namespaces, cgroups and mounts';
  const kernels = new Set(nodes.map(({ kernel }) => kernel));
  const missing = requirements
    .filter(({ kernel }) => kernel === undefined || kernels.has(kernel))
    .filter(({ what }) => (what.startsWith('/') ? !existsSync(what) : findProgram(what) === undefined));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
    return `a cluster needs ${missing.map(({ what }) => what).join(', ')}: apt-get install ${packages.join(' ')}`;
  }
  if (findProgram('go') === undefined)
    return 'a cluster needs Go 1.26 or newer, to build Kubernetes: install it from go.dev/dl into /usr/local/go, or put another one in PATH';
  if (kernels.has('host') && !hasCgroupV1())
    return 'a node with cgroup v1 needs a machine with it: here no memory controller is mounted on /sys/fs/cgroup/memory; leave out the nodes that start with v';
  return undefined;
}
