import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import type { CgroupSignals, RootSignals } from './cgroup-signals.ts';
import { parseCpuMax } from './cpu-max.ts';
import { parseCpuStatThrottling } from './cpu-stat-throttling.ts';
import type { FileCalls } from './file-calls.ts';
import { hostFileCalls } from './file-calls.ts';
import { KernelFile } from './kernel-file.ts';
import type { SupportedLayout } from './layout.ts';
import { parseLimit } from './limit.ts';
import { SignalFiles } from './signal-files.ts';
import type { SignalHierarchies } from './signal-hierarchies.ts';
import { cpuController, memoryController } from './signal-needs.ts';
import { readRootSignals } from './signals-root.ts';
import { type CgroupDirectoriesV1, readSignalsV1 } from './signals-v1.ts';
import { readSignalsV2 } from './signals-v2.ts';

export interface SignalReaderOptions {
  /** Where procfs is mounted; by default `/proc`. */
  readonly procDirectory?: string;
  readonly hierarchies?: SignalHierarchies;
  readonly calls?: FileCalls;
}

/** What a reading of one cgroup came to. */
export interface CgroupSignalReading {
  readonly signals: CgroupSignals;
  /** Where limits and throttling were found: the cgroup's path, or that of its child. */
  readonly limitsPath: string;
}

/** Reads signals seldom and in small steps, so that whoever has little time can do something else in between. */
export interface SignalReader {
  /**
   * Reads one cgroup, one file between two yields; returns `gone` for one that is not there, or not any more.
   * @param child name of a cgroup below it that may carry the limits in its place, as with crun
   */
  cgroup(path: string, child?: string): Generator<undefined, CgroupSignalReading | 'gone'>;
  root(): Generator<undefined, RootSignals>;
}

const BUFFER_BYTES = 64 * 1024;

export function createSignalReader(layout: SupportedLayout, options: SignalReaderOptions = {}): SignalReader {
  const { procDirectory = '/proc', hierarchies = {}, calls = hostFileCalls } = options;
  const buffer = Buffer.alloc(BUFFER_BYTES);
  const files = new SignalFiles(buffer, calls, kernelRelease(procDirectory, buffer, calls));
  const primary = layout.mode === 'v2' ? layout.directory : layout.memoryDirectory;

  return {
    *cgroup(path, child) {
      const directory = join(primary, path);
      if (!files.exists(directory)) return 'gone';
      const signals =
        layout.mode === 'v2'
          ? yield* readSignalsV2(files, directory)
          : yield* readSignalsV1(files, directoriesV1(layout, hierarchies, path));
      const reading =
        layout.mode === 'v2' && child !== undefined
          ? yield* withChild(files, { signals, limitsPath: path }, directory, child)
          : { signals, limitsPath: path };
      return files.exists(directory) ? reading : 'gone';
    },
    *root() {
      const io = layout.mode === 'v2' ? layout.directory : hierarchies.blkioDirectory;
      return yield* readRootSignals(
        files,
        { memory: primary, io, proc: procDirectory },
        layout.mode === 'v2',
      );
    },
  };
}

/** A limit on the child holds everything in the cgroup as well: crun puts the processes, and may put the limits, there. */
function* withChild(
  files: SignalFiles,
  reading: CgroupSignalReading,
  directory: string,
  child: string,
): Generator<undefined, CgroupSignalReading> {
  const below = join(directory, child);
  if (!files.exists(below)) return reading;
  const read = (name: string, needs = cpuController) => files.read(below, name, needs);
  const cpuLimit = files.signal(read('cpu.max'), parseCpuMax);
  yield;
  const memoryLimitBytes = files.signal(read('memory.max', memoryController), parseLimit);
  yield;
  const throttling = files.signal(read('cpu.stat'), parseCpuStatThrottling, { name: 'throttled_usec' });
  const { signals } = reading;
  const isLimitedHere = cpuLimit.status === 'ok' && cpuLimit.value.quotaUsec !== 'max';
  const isLimitedAbove = signals.cpuLimit.status === 'ok' && signals.cpuLimit.value.quotaUsec !== 'max';
  const isMemoryLimitedAbove =
    signals.memoryLimitBytes.status === 'ok' && signals.memoryLimitBytes.value !== 'max';
  const takesCpu = isLimitedHere && !isLimitedAbove;
  return {
    limitsPath: takesCpu ? join(reading.limitsPath, child) : reading.limitsPath,
    signals: {
      ...signals,
      ...(takesCpu ? { cpuLimit, throttling } : {}),
      ...(!isMemoryLimitedAbove && memoryLimitBytes.status === 'ok' ? { memoryLimitBytes } : {}),
    },
  };
}

function directoriesV1(
  layout: Exclude<SupportedLayout, { mode: 'v2' }>,
  { pidsDirectory, blkioDirectory, unifiedDirectory }: SignalHierarchies,
  path: string,
): CgroupDirectoriesV1 {
  const below = (directory: string | undefined) =>
    directory === undefined ? undefined : join(directory, path);
  return {
    memory: join(layout.memoryDirectory, path),
    cpu: below(layout.cpuDirectory),
    pids: below(pidsDirectory),
    blkio: below(blkioDirectory),
    unified: below(unifiedDirectory),
  };
}

/** As uname(2) says it; '' where procfs does not tell. */
function kernelRelease(procDirectory: string, buffer: Buffer, calls: FileCalls): string {
  const file = new KernelFile(join(procDirectory, 'sys/kernel/osrelease'), procDirectory, buffer, calls);
  const outcome = file.read();
  file.close();
  return typeof outcome === 'number' ? buffer.toString('latin1', 0, outcome).trim() : '';
}
