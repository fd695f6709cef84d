import { join } from 'node:path';
import { createByteCount } from './byte-count.ts';
import type { Cgroup, CgroupDeps } from './cgroup.ts';
import type { CgroupUsage } from './cgroup-usage.ts';
import { setGone, setInactiveFile, setMemoryUsage, setSwap } from './cgroup-usage.ts';
import { readCpuStat } from './cpu-stat.ts';
import { KernelFile } from './kernel-file.ts';
import { readMemoryCurrent } from './memory-current.ts';
import { createMemoryStat, readMemoryStat } from './memory-stat.ts';
import { readMemorySwapCurrent } from './memory-swap-current.ts';
import { setWorkingSet } from './working-set.ts';

/** A cgroup of the unified hierarchy. */
export class CgroupV2 implements Cgroup {
  readonly path: string;
  readonly files: readonly KernelFile[];
  readonly #deps: CgroupDeps;
  readonly #memoryStatFile: KernelFile;
  readonly #memoryCurrentFile: KernelFile;
  readonly #swapCurrentFile: KernelFile;
  readonly #cpuStatFile: KernelFile;
  readonly #memoryStat = createMemoryStat();
  readonly #byteCount = createByteCount();
  #gone = false;

  constructor(deps: CgroupDeps, rootDirectory: string, path: string) {
    const directory = join(rootDirectory, path);
    const file = (name: string) => new KernelFile(join(directory, name), directory, deps.buffer, deps.calls);
    this.path = path;
    this.#deps = deps;
    this.#memoryStatFile = file('memory.stat');
    this.#memoryCurrentFile = file('memory.current');
    this.#swapCurrentFile = file('memory.swap.current');
    this.#cpuStatFile = file('cpu.stat');
    this.files = [this.#memoryStatFile, this.#memoryCurrentFile, this.#swapCurrentFile, this.#cpuStatFile];
  }

  read(into: CgroupUsage): 'ok' | 'gone' {
    if (this.#gone) return this.#leave(into);

    // memory.stat before memory.current, as runc does: under growth the working set then errs to the high side.
    const memoryStatStatus = readMemoryStat(this.#memoryStatFile, this.#memoryStat);
    if (memoryStatStatus === 'gone') return this.#leave(into);
    setInactiveFile(into, this.#memoryStat.inactiveFileStatus, this.#memoryStat.inactiveFileBytes);

    const memoryStatus = readMemoryCurrent(this.#memoryCurrentFile, this.#byteCount);
    if (memoryStatus === 'gone') return this.#leave(into);
    setMemoryUsage(into, memoryStatus, this.#byteCount.bytes);
    setWorkingSet(into, memoryStatStatus);

    const swapStatus = readMemorySwapCurrent(this.#swapCurrentFile, this.#byteCount);
    if (swapStatus === 'gone') return this.#leave(into);
    setSwap(into, swapStatus, this.#byteCount.bytes);

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

  #leave(into: CgroupUsage): 'gone' {
    if (!this.#gone) this.close();
    setGone(into, this.#deps.monotonicUsec());
    return 'gone';
  }
}
