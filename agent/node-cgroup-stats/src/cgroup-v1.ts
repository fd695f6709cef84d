import { join } from 'node:path';
import { createByteCount } from './byte-count.ts';
import type { Cgroup, CgroupDeps } from './cgroup.ts';
import type { CgroupUsage } from './cgroup-usage.ts';
import { setGone, setInactiveFile, setMemoryUsage, setSwap } from './cgroup-usage.ts';
import { readCpuacctUsage } from './cpuacct-usage.ts';
import { KernelFile } from './kernel-file.ts';
import { createMemoryStatV1, readMemoryStatV1 } from './memory-stat-v1.ts';
import { readMemoryUsageInBytes } from './memory-usage-in-bytes.ts';
import type { QuantityStatus } from './status.ts';
import { setWorkingSet } from './working-set.ts';

/** A cgroup of the v1 hierarchies `memory` and `cpuacct`, the root included: its formulas are the ordinary ones. */
export class CgroupV1 implements Cgroup {
  readonly path: string;
  readonly files: readonly KernelFile[];
  readonly #deps: CgroupDeps;
  readonly #memoryStatFile: KernelFile;
  readonly #memoryUsageFile: KernelFile;
  readonly #cpuacctUsageFile: KernelFile;
  readonly #memoryStat = createMemoryStatV1();
  readonly #byteCount = createByteCount();
  #gone = false;

  constructor(deps: CgroupDeps, memoryRoot: string, cpuacctRoot: string, path: string) {
    const file = (root: string, name: string) =>
      new KernelFile(join(root, path, name), join(root, path), deps.buffer, deps.calls);
    this.path = path;
    this.#deps = deps;
    this.#memoryStatFile = file(memoryRoot, 'memory.stat');
    this.#memoryUsageFile = file(memoryRoot, 'memory.usage_in_bytes');
    this.#cpuacctUsageFile = file(cpuacctRoot, 'cpuacct.usage');
    this.files = [this.#memoryStatFile, this.#memoryUsageFile, this.#cpuacctUsageFile];
  }

  read(into: CgroupUsage): 'ok' | 'gone' {
    if (this.#gone) return this.#leave(into);

    // memory.stat before the usage, as runc does: under growth the working set then errs to the high side.
    const memoryStatStatus = readMemoryStatV1(this.#memoryStatFile, this.#memoryStat);
    const memoryStatus = readMemoryUsageInBytes(this.#memoryUsageFile, this.#byteCount);
    const cpuStatus = readCpuacctUsage(this.#cpuacctUsageFile, into);
    into.sampledAtUsec = this.#deps.monotonicUsec();
    if (this.#wasRemoved(memoryStatStatus, memoryStatus, cpuStatus)) return this.#leave(into);

    into.cpuStatus = notThere(cpuStatus);
    const { totalInactiveFileStatus, totalInactiveFileBytes, totalSwapStatus, totalSwapBytes } =
      this.#memoryStat;
    setInactiveFile(into, notThere(totalInactiveFileStatus), totalInactiveFileBytes);
    setSwap(into, notThere(totalSwapStatus), totalSwapBytes);
    setMemoryUsage(into, notThere(memoryStatus), this.#byteCount.bytes);
    setWorkingSet(into, notThere(memoryStatStatus));
    return 'ok';
  }

  close(): void {
    this.#gone = true;
    for (const file of this.files) file.close();
  }

  /**
   * The directories of one cgroup come and go some milliseconds apart, and some cgroups are in one hierarchy only. So
   * one missing directory is no end, unless its files had been open before.
   */
  #wasRemoved(stat: QuantityStatus, memory: QuantityStatus, cpu: QuantityStatus): boolean {
    if (stat === 'gone' && this.#memoryStatFile.wasOpened) return true;
    if (memory === 'gone' && this.#memoryUsageFile.wasOpened) return true;
    if (cpu !== 'gone') return false;
    return this.#cpuacctUsageFile.wasOpened || (stat === 'gone' && memory === 'gone');
  }

  #leave(into: CgroupUsage): 'gone' {
    if (!this.#gone) this.close();
    setGone(into, this.#deps.monotonicUsec());
    return 'gone';
  }
}

/** A hierarchy in which a living cgroup has no directory knows nothing of it: absent, not gone. */
function notThere(status: QuantityStatus): QuantityStatus {
  return status === 'gone' ? 'absent' : status;
}
