import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseProcessStat } from './rig/process-identity.ts';

const cgroupRoot = '/sys/fs/cgroup';

/**
 * What a machine has of a cluster, by the last part of its folder: processes whose command, environment, working directory,
 * mounts or cgroups name it, its mounts, cgroups and files.
 */
export function tracesOf(cluster: string): readonly string[] {
  const processes = readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    // One that has ended and waits for its parent to ask holds nothing.
    .filter((pid) => !['Z', 'X', undefined].includes(parseProcessStat(read(`/proc/${pid}/stat`))?.state))
    .filter((pid) =>
      ['cmdline', 'environ', 'mountinfo', 'cgroup'].some((file) => tells(`/proc/${pid}/${file}`)),
    )
    .map((pid) => `process ${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`);
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line.includes(cluster))
    .map((line) => `mount ${line}`);
  const cgroups = namesIn(cgroupRoot)
    .flatMap((hierarchy) => namesIn(join(cgroupRoot, hierarchy)).map((name) => join(hierarchy, name)))
    .filter((path) => path.includes(cluster))
    .map((path) => `cgroup ${path}`);
  const files = namesIn(tmpdir())
    .filter((name) => name.includes(cluster))
    .map((name) => `file ${name}`);
  return [...processes, ...mounts, ...cgroups, ...files];

  function tells(file: string): boolean {
    return read(file).includes(cluster);
  }
}

/** What no cluster may add to the machine itself, nor change: devices, named network namespaces, mounts, settings. */
export function machineState(): readonly string[] {
  const settings = ['kernel/panic', 'vm/overcommit_memory', 'net/ipv4/ip_forward'].map(
    (file) => `${file} ${read(`/proc/sys/${file}`)}`,
  );
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    // Without those of clusters, which are traces: another one may come or go meanwhile.
    .filter((line) => !line.includes('tacho-cluster-'));
  return [...namesIn('/sys/class/net'), ...namesIn('/run/netns'), ...settings, ...mounts];
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
