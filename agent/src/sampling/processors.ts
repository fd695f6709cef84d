import { Buffer } from 'node:buffer';
import { type FileCalls, hostFileCalls, KernelFile, readCpuOnline } from 'node-cgroup-stats';

const directory = '/sys/devices/system/cpu';
const bufferBytes = 8 * 1024;

/**
 * How many processors the machine has had at most. More may be plugged in while the agent runs; of those plugged out, a
 * container may have used what it has used.
 */
export class Processors {
  readonly #file: KernelFile;
  #most: number;

  /** @param atStart what the process was told when it began: holds where sysfs does not say */
  constructor(atStart: number, calls: FileCalls = hostFileCalls) {
    this.#most = atStart;
    this.#file = new KernelFile(`${directory}/online`, directory, Buffer.alloc(bufferBytes), calls);
  }

  /** Reads one small file. */
  get count(): number {
    const online = readCpuOnline(this.#file);
    if (typeof online === 'number') this.#most = Math.max(this.#most, online);
    return this.#most;
  }

  close(): void {
    this.#file.close();
  }
}
