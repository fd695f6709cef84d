import type { CgroupSignals } from './cgroup-signals.ts';
import { parseCpuMax } from './cpu-max.ts';
import { parseCpuStatThrottling } from './cpu-stat-throttling.ts';
import { parseIoStat } from './io-stat.ts';
import { parseLimit } from './limit.ts';
import { parseMemoryEventsMax, parseOomKill } from './memory-events.ts';
import { memoryKinds, parseKernelMemory, parseSlab } from './memory-stat-split.ts';
import { type Parser, parseSingleNumber } from './parsed.ts';
import { parsePressure } from './pressure.ts';
import type { CpuWeight, Signal } from './signal.ts';
import type { SignalFiles } from './signal-files.ts';
import type { Needs } from './signal-needs.ts';
import * as needs from './signal-needs.ts';

const notInV2: Signal<never> = {
  status: 'absent',
  why: 'cgroup v2 limits memory and swap apart: see memory.max and memory.swap.max',
};

const parseWeight: Parser<CpuWeight> = (buffer, byteLength) => {
  const parsed = parseSingleNumber(buffer, byteLength);
  return parsed.status === 'ok' ? { status: 'ok', value: { kind: 'weight', value: parsed.value } } : parsed;
};

/** Reads the signals of a v2 cgroup, one file between two yields. */
export function* readSignalsV2(files: SignalFiles, directory: string): Generator<undefined, CgroupSignals> {
  function* one<T>(name: string, need: Needs, parse: Parser<T>): Generator<undefined, Signal<T>> {
    const signal = files.signal(files.read(directory, name, need), parse);
    yield;
    return signal;
  }
  const stat = files.read(directory, 'memory.stat', needs.memoryController);
  const kinds = {
    anonBytes: files.signal(stat, memoryKinds.anonBytes, { name: 'anon' }),
    fileBytes: files.signal(stat, memoryKinds.fileBytes, { name: 'file' }),
    inactiveFileBytes: files.signal(stat, memoryKinds.inactiveFileBytes, { name: 'inactive_file' }),
    shmemBytes: files.signal(stat, memoryKinds.shmemBytes, { name: 'shmem' }),
    slabBytes: files.signal(stat, parseSlab, { name: 'slab' }),
    kernelBytes: files.signal(stat, parseKernelMemory, { name: 'kernel', needs: needs.kernelMemoryKey }),
  };
  yield;
  const events = files.read(directory, 'memory.events', needs.memoryController);
  const counted = {
    oomKills: files.signal(events, parseOomKill, { name: 'oom_kill', needs: needs.oomKillKey }),
    memoryLimitHits: files.signal(events, parseMemoryEventsMax, { name: 'max' }),
  };
  yield;
  // cpu.stat is there without the controller, but for these keys.
  const cpuStat = files.read(directory, 'cpu.stat', needs.cpuController);
  const throttling = files.signal(cpuStat, parseCpuStatThrottling, { name: 'throttled_usec' });
  yield;
  return {
    ...kinds,
    ...counted,
    throttling,
    cpuLimit: yield* one('cpu.max', needs.cpuController, parseCpuMax),
    cpuWeight: yield* one('cpu.weight', needs.cpuController, parseWeight),
    cpuPressure: yield* one('cpu.pressure', needs.pressureStall, parsePressure),
    memoryPressure: yield* one('memory.pressure', needs.pressureStall, parsePressure),
    ioPressure: yield* one('io.pressure', needs.pressureStall, parsePressure),
    memoryLimitBytes: yield* one('memory.max', needs.memoryController, parseLimit),
    memoryHighBytes: yield* one('memory.high', needs.memoryController, parseLimit),
    memoryLowBytes: yield* one('memory.low', needs.memoryController, parseLimit),
    memoryMinBytes: yield* one('memory.min', needs.memoryController, parseLimit),
    memoryPeakBytes: yield* one('memory.peak', needs.memoryPeak, parseSingleNumber),
    swapBytes: yield* one('memory.swap.current', needs.swapAccounting, parseSingleNumber),
    swapLimitBytes: yield* one('memory.swap.max', needs.swapAccounting, parseLimit),
    swapPeakBytes: yield* one('memory.swap.peak', needs.swapPeak, parseSingleNumber),
    memoryAndSwapLimitBytes: notInV2,
    pids: yield* one('pids.current', needs.pidsController, parseSingleNumber),
    pidsLimit: yield* one('pids.max', needs.pidsController, parseLimit),
    pidsPeak: yield* one('pids.peak', needs.pidsPeak, parseSingleNumber),
    io: yield* one('io.stat', needs.ioController, parseIoStat),
  };
}
