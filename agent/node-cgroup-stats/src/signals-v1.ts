import type { CgroupSignals } from './cgroup-signals.ts';
import { cpuLimit } from './cpu-max.ts';
import { parseCpuStatThrottlingV1 } from './cpu-stat-throttling.ts';
import { parseCfsQuotaUsec, parseLimit, parseLimitInBytes } from './limit.ts';
import { parseOomKill } from './memory-events.ts';
import { memoryKindsV1 } from './memory-stat-split.ts';
import { createKeyParser, type Parser, parseSingleNumber } from './parsed.ts';
import { parsePressure } from './pressure.ts';
import type { CpuLimit, CpuWeight, MissingSignal, Signal } from './signal.ts';
import { readBlkio } from './signal-blkio.ts';
import type { SignalFiles } from './signal-files.ts';
import type { Needs } from './signal-needs.ts';
import * as needs from './signal-needs.ts';

/** The directories of one cgroup in the hierarchies that have it; undefined where the controller is not mounted. */
export interface CgroupDirectoriesV1 {
  readonly memory: string;
  readonly cpu: string | undefined;
  readonly pids: string | undefined;
  readonly blkio: string | undefined;
  /** In the v2 tree of a hybrid layout. */
  readonly unified: string | undefined;
}

const notInV1 = (name: string): MissingSignal => ({
  status: 'absent',
  why: `cgroup v1 has no ${name}: it takes cgroup v2`,
});
const notMounted = (what: string): MissingSignal => ({ status: 'absent', why: `${what} is not mounted` });
const parseTotalSwap = createKeyParser('total_swap');

const parseShares: Parser<CpuWeight> = (buffer, byteLength) => {
  const parsed = parseSingleNumber(buffer, byteLength);
  return parsed.status === 'ok' ? { status: 'ok', value: { kind: 'shares', value: parsed.value } } : parsed;
};

/** Reads the signals of a v1 cgroup, one file between two yields. */
export function* readSignalsV1(
  files: SignalFiles,
  directories: CgroupDirectoriesV1,
): Generator<undefined, CgroupSignals> {
  function* one<T>(
    hierarchy: keyof CgroupDirectoriesV1,
    name: string,
    need: Needs,
    parse: Parser<T>,
    key?: { readonly name: string; readonly needs?: Needs },
  ): Generator<undefined, Signal<T>> {
    const directory = directories[hierarchy];
    if (directory === undefined)
      return hierarchy === 'unified' ? notInV1(name) : notMounted(`the v1 hierarchy of ${hierarchy}`);
    const signal = files.signal(files.read(directory, name, need), parse, key);
    yield;
    return signal;
  }
  const { memoryController, pressureStall, pidsController } = needs;
  const stat = files.read(directories.memory, 'memory.stat', memoryController);
  const kinds = {
    anonBytes: files.signal(stat, memoryKindsV1.anonBytes, { name: 'total_rss' }),
    fileBytes: files.signal(stat, memoryKindsV1.fileBytes, { name: 'total_cache' }),
    inactiveFileBytes: files.signal(stat, memoryKindsV1.inactiveFileBytes, { name: 'total_inactive_file' }),
    shmemBytes: files.signal(stat, memoryKindsV1.shmemBytes, { name: 'total_shmem' }),
    swapBytes: files.signal(stat, parseTotalSwap, { name: 'total_swap', needs: needs.swapAccounting }),
  };
  yield;
  const quota = yield* one('cpu', 'cpu.cfs_quota_us', bandwidth, parseCfsQuotaUsec);
  const period = yield* one('cpu', 'cpu.cfs_period_us', bandwidth, parseSingleNumber);
  const hits = yield* one('memory', 'memory.failcnt', memoryController, parseSingleNumber);
  const hitsWithSwap = yield* one('memory', 'memory.memsw.failcnt', needs.swapAccounting, parseSingleNumber);
  const oomKill = { name: 'oom_kill', needs: needs.oomKillKey };
  return {
    ...kinds,
    slabBytes: notInV1('slab in memory.stat'),
    kernelBytes: yield* one('memory', 'memory.kmem.usage_in_bytes', kernelMemory, parseSingleNumber),
    oomKills: yield* one('memory', 'memory.oom_control', memoryController, parseOomKill, oomKill),
    memoryLimitHits: joinHits(hits, hitsWithSwap),
    throttling: yield* one('cpu', 'cpu.stat', bandwidth, parseCpuStatThrottlingV1, {
      name: 'throttled_time',
    }),
    cpuLimit: joinLimit(quota, period),
    cpuWeight: yield* one('cpu', 'cpu.shares', { also: 'CONFIG_FAIR_GROUP_SCHED' }, parseShares),
    cpuPressure: yield* one('unified', 'cpu.pressure', pressureStall, parsePressure),
    memoryPressure: yield* one('unified', 'memory.pressure', pressureStall, parsePressure),
    ioPressure: yield* one('unified', 'io.pressure', pressureStall, parsePressure),
    memoryLimitBytes: yield* one('memory', 'memory.limit_in_bytes', memoryController, parseLimitInBytes),
    memoryHighBytes: notInV1('memory.high'),
    memoryLowBytes: notInV1('memory.low'),
    memoryMinBytes: notInV1('memory.min'),
    memoryPeakBytes: yield* one('memory', 'memory.max_usage_in_bytes', memoryController, parseSingleNumber),
    swapLimitBytes: notInV1('limit of swap alone'),
    swapPeakBytes: notInV1('memory.swap.peak'),
    memoryAndSwapLimitBytes: yield* one(
      'memory',
      'memory.memsw.limit_in_bytes',
      needs.swapAccounting,
      parseLimitInBytes,
    ),
    pids: yield* one('pids', 'pids.current', pidsController, parseSingleNumber),
    pidsLimit: yield* one('pids', 'pids.max', pidsController, parseLimit),
    pidsPeak: yield* one('pids', 'pids.peak', needs.pidsPeak, parseSingleNumber),
    io: yield* readBlkio(files, directories.blkio),
  };
}

const bandwidth: Needs = { also: 'CONFIG_CFS_BANDWIDTH' };
const kernelMemory: Needs = { also: 'CONFIG_MEMCG_KMEM and no boot option cgroup.memory=nokmem' };

/** Where memory and swap together have the same limit as memory, as container runtimes set it, only that one is ever hit. */
function joinHits(memory: Signal<number>, withSwap: Signal<number>): Signal<number> {
  if (memory.status !== 'ok' || withSwap.status !== 'ok') return memory;
  return { status: 'ok', value: memory.value + withSwap.value };
}

function joinLimit(quota: Signal<CpuLimit['quotaUsec']>, period: Signal<number>): Signal<CpuLimit> {
  if (quota.status !== 'ok') return quota;
  if (period.status !== 'ok') return period;
  const joined = cpuLimit(quota.value, period.value);
  return joined.status === 'ok' ? joined : { ...joined, why: 'cpu.cfs_period_us is 0' };
}
