import { existsSync, mkdirSync, readFileSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { SupportedLayout } from 'node-cgroup-stats';
import { detectLayout } from 'node-cgroup-stats';

export type Controller = 'cpu' | 'memory';

/** A cgroup that a check made, in every hierarchy that it reads. */
export interface KernelCgroup {
  /** Relative to the hierarchies' roots. */
  readonly path: string;
  /** One directory in each hierarchy; one in all with v2. */
  readonly dirs: readonly string[];
  /** Where a control file such as `memory.stat` is: v1 keeps each controller's in its own hierarchy. */
  file(name: string): string;
  /** Moves a process into it. */
  enter(pid: number): void;
  /** Holds all that is in it to so many cores, over periods of 100 ms. */
  limitCores(cores: number): void;
  /** Waits until the kernel lets go of it; what was in it must have been ended. */
  remove(): Promise<void>;
}

/** What a check may use of the kernel it runs on: the machine's own or a guest's. */
export interface KernelContext {
  readonly layout: SupportedLayout;
  /** Those that a cgroup made here has; a v2 tree beside v1 hierarchies has none. */
  readonly controllers: ReadonlySet<Controller>;
  /** On a disk, so that a file read from there is page cache. */
  readonly scratchDirectory: string;
  /** A control file of the root. */
  rootFile(name: string): string;
  /** A control file of the cgroup at this path, relative to the hierarchies' roots. */
  file(path: string, name: string): string;
  makeCgroup(name: string, options?: { withoutMemory?: boolean }): Promise<KernelCgroup>;
}

export interface KernelContextOptions {
  /** By default `/sys/fs/cgroup`. */
  root?: string;
  scratchDirectory?: string;
}

const REMOVE_TIMEOUT_MS = 10_000;
const PERIOD_USEC = 100_000;
const MEMORY_FILE_SYSTEMS = new Set([0x01021994, 0x858458f6]); // tmpfs, ramfs

/** Needs root: cgroups named `tacho-kernel-<pid>-…` are made below the root. Returns a sentence where it cannot work. */
export function createKernelContext(options: KernelContextOptions = {}): KernelContext | string {
  if (process.getuid?.() !== 0) return 'making cgroups needs root';
  const root = options.root ?? '/sys/fs/cgroup';
  const layout = detectLayout({ root });
  if (layout.mode === 'unsupported') return layout.reason;
  const scratchDirectory =
    options.scratchDirectory ?? firstOnDisk([tmpdir(), '/var/tmp', import.meta.dirname]);
  if (scratchDirectory === undefined)
    return 'no directory on a disk, expected one for a file to read into the page cache';
  const directoryOf = (name: string) => hierarchyOf(layout, name);
  const fileOf = (path: string, name: string) => join(directoryOf(name), path, name);
  return {
    layout,
    controllers: layout.mode === 'v2' ? enableControllers(layout.directory) : new Set(['cpu', 'memory']),
    scratchDirectory,
    rootFile: (name) => fileOf('', name),
    file: fileOf,
    makeCgroup: async (name, { withoutMemory = false } = {}) => {
      const outer = `tacho-kernel-${process.pid}-${name}`;
      // In v2 a child has the controllers that its parent hands on: a new one hands on none.
      const path = withoutMemory && layout.mode === 'v2' ? `${outer}/inner` : outer;
      const roots = new Set(['cpu.', 'cpuacct.', ...(withoutMemory ? [] : ['memory.'])].map(directoryOf));
      const dirs = [...roots].map((hierarchy) => join(hierarchy, path));
      for (const dir of dirs) mkdirSync(dir, { recursive: true });
      const outerDirs = path === outer ? [] : [...roots].map((hierarchy) => join(hierarchy, outer));
      return kernelCgroup(path, dirs, [...dirs, ...outerDirs], (file) => fileOf(path, file));
    },
  };
}

function kernelCgroup(
  path: string,
  dirs: readonly string[],
  toRemove: readonly string[],
  file: (name: string) => string,
): KernelCgroup {
  return {
    path,
    dirs,
    file,
    enter: (pid) => dirs.forEach((dir) => void writeFileSync(join(dir, 'cgroup.procs'), `${pid}`)),
    limitCores(cores) {
      const quota = Math.round(cores * PERIOD_USEC);
      if (existsSync(file('cpu.max'))) return writeFileSync(file('cpu.max'), `${quota} ${PERIOD_USEC}`);
      writeFileSync(file('cpu.cfs_period_us'), `${PERIOD_USEC}`);
      writeFileSync(file('cpu.cfs_quota_us'), `${quota}`);
    },
    remove: async () => {
      for (const dir of toRemove) await removeDirectory(dir);
    },
  };
}

function hierarchyOf(layout: SupportedLayout, file: string): string {
  if (layout.mode === 'v2') return layout.directory;
  if (file.startsWith('memory.')) return layout.memoryDirectory;
  return file.startsWith('cpu.') ? (layout.cpuDirectory ?? layout.cpuacctDirectory) : layout.cpuacctDirectory;
}

/** Hands cpu and memory on to the children of the root, as far as this kernel has them there. */
function enableControllers(root: string): ReadonlySet<Controller> {
  const offered = readFileSync(join(root, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const wanted: readonly Controller[] = ['cpu', 'memory'];
  const enabled = wanted.filter((controller) => offered.includes(controller));
  for (const controller of enabled) writeFileSync(join(root, 'cgroup.subtree_control'), `+${controller}`);
  return new Set(enabled);
}

/** rmdir answers EBUSY while the last process is on its way out. */
async function removeDirectory(directory: string): Promise<void> {
  const deadline = performance.now() + REMOVE_TIMEOUT_MS;
  for (;;) {
    try {
      return rmdirSync(directory);
    } catch (thrown) {
      const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
      if (code === 'ENOENT') return;
      if (code !== 'EBUSY' || performance.now() > deadline) throw thrown;
      await wait(20);
    }
  }
}

function firstOnDisk(directories: readonly string[]): string | undefined {
  return directories.find(
    (directory) => existsSync(directory) && !MEMORY_FILE_SYSTEMS.has(statfsSync(directory).type),
  );
}
