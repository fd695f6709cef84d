import { join } from 'node:path';
import type { Cgroup, CgroupDeps } from './cgroup.ts';
import type { CgroupUsage } from './cgroup-usage.ts';
import { setGone, setInactiveFile, setMemoryUsage, setSwap } from './cgroup-usage.ts';
import { readCpuStat } from './cpu-stat.ts';
import { KernelFile } from './kernel-file.ts';
import { createMeminfo, readMeminfo } from './meminfo.ts';
import { createMemoryStat, readMemoryStat } from './memory-stat.ts';
import { setWorkingSet } from './working-set.ts';

/**
 * Where the memory in use of the real root comes from, which has no memory.current:
 * `stat` is anon + file (runc since 1.1.10), which leaves out kernel memory;
 * `meminfo` is MemTotal − MemFree (before that).
 */
export type RootMemorySource = 'stat' | 'meminfo';

/**
 * The real root of the unified hierarchy: the whole machine. CPU time is that of the tick statistics (/proc/stat without
 * idle, iowait and, since 6.14, steal); before kernel 5.8 there is no such file and the CPU time is absent.
 */
export class RootCgroupV2 implements Cgroup {
  readonly path = '';
  readonly files: readonly KernelFile[];
  readonly #deps: CgroupDeps;
  readonly #source: RootMemorySource;
  readonly #memoryStatFile: KernelFile;
  readonly #meminfoFile: KernelFile;
  readonly #cpuStatFile: KernelFile;
  readonly #memoryStat = createMemoryStat();
  readonly #meminfo = createMeminfo();
  #gone = false;

  constructor(deps: CgroupDeps, rootDirectory: string, procDirectory: string, source: RootMemorySource) {
    const file = (path: string, directory: string) =>
      new KernelFile(path, directory, deps.buffer, deps.calls);
    this.#deps = deps;
    this.#source = source;
    this.#memoryStatFile = file(join(rootDirectory, 'memory.stat'), rootDirectory);
    // Without procfs its file is absent: there is no cgroup that could be gone with it.
    this.#meminfoFile = file(join(procDirectory, 'meminfo'), '/');
    this.#cpuStatFile = file(join(rootDirectory, 'cpu.stat'), rootDirectory);
    this.files = [this.#memoryStatFile, this.#meminfoFile, this.#cpuStatFile];
  }

  read(into: CgroupUsage): 'ok' | 'gone' {
    if (this.#gone) return this.#leave(into);
    const memoryStatStatus = readMemoryStat(this.#memoryStatFile, this.#memoryStat);
    if (memoryStatStatus === 'gone') return this.#leave(into);
    readMeminfo(this.#meminfoFile, this.#meminfo);
    setInactiveFile(into, this.#memoryStat.inactiveFileStatus, this.#memoryStat.inactiveFileBytes);
    this.#setMemoryUsage(into);
    setWorkingSet(into, memoryStatStatus);
    setSwap(into, this.#meminfo.swapUsedStatus, this.#meminfo.swapUsedBytes);

    const cpuStatus = readCpuStat(this.#cpuStatFile, into);
    if (cpuStatus === 'gone') return this.#leave(into);
    into.cpuStatus = cpuStatus;
    into.sampledAtUsec = this.#deps.monotonicUsec();
    return 'ok';
  }

  close(): void {
    this.#gone = true;
    for (const file of this.files) file.close();
  }

  #setMemoryUsage(into: CgroupUsage): void {
    if (this.#source === 'meminfo') {
      setMemoryUsage(into, this.#meminfo.memoryUsedStatus, this.#meminfo.memoryUsedBytes);
      return;
    }
    const { anonStatus, anonBytes, fileStatus, fileBytes } = this.#memoryStat;
    const status = anonStatus === 'ok' ? fileStatus : anonStatus;
    setMemoryUsage(into, status, status === 'ok' ? anonBytes + fileBytes : Number.NaN);
  }

  #leave(into: CgroupUsage): 'gone' {
    if (!this.#gone) this.close();
    setGone(into, this.#deps.monotonicUsec());
    return 'gone';
  }
}
