import type { RootSignals } from './cgroup-signals.ts';
import { parseIoStat } from './io-stat.ts';
import { parseOomKill } from './memory-events.ts';
import { memoryKinds, memoryKindsV1, parseSlab } from './memory-stat-split.ts';
import type { Parser } from './parsed.ts';
import { parseIrqPressure, parsePressure } from './pressure.ts';
import type { IoDevice, Signal } from './signal.ts';
import { readBlkio } from './signal-blkio.ts';
import type { SignalFiles } from './signal-files.ts';
import type { Needs } from './signal-needs.ts';
import * as needs from './signal-needs.ts';

/** Where the machine's own figures are. */
export interface RootDirectories {
  /** The root of the v2 tree, or of v1's memory hierarchy. */
  readonly memory: string;
  /** The root of the v2 tree, or of v1's blkio hierarchy; undefined where that is not mounted. */
  readonly io: string | undefined;
  readonly proc: string;
}

/** Reads the signals of the machine, one file between two yields. */
export function* readRootSignals(
  files: SignalFiles,
  { memory, io, proc }: RootDirectories,
  isV2: boolean,
): Generator<undefined, RootSignals> {
  function* one<T>(
    name: string,
    need: Needs,
    parse: Parser<T>,
    key?: { readonly name: string; readonly needs?: Needs },
  ): Generator<undefined, Signal<T>> {
    const signal = files.signal(files.read(proc, name, need), parse, key);
    yield;
    return signal;
  }
  const [kinds, names] = isV2
    ? [memoryKinds, ['anon', 'file', 'inactive_file', 'shmem']]
    : [memoryKindsV1, ['total_rss', 'total_cache', 'total_inactive_file', 'total_shmem']];
  const [anon = '', file = '', inactiveFile = '', shmem = ''] = names;
  const stat = files.read(memory, 'memory.stat', { also: 'the memory controller' });
  const split = {
    anonBytes: files.signal(stat, kinds.anonBytes, { name: anon }),
    fileBytes: files.signal(stat, kinds.fileBytes, { name: file }),
    inactiveFileBytes: files.signal(stat, kinds.inactiveFileBytes, { name: inactiveFile }),
    shmemBytes: files.signal(stat, kinds.shmemBytes, { name: shmem }),
    slabBytes: isV2
      ? files.signal(stat, parseSlab, { name: 'slab' })
      : ({ status: 'absent', why: 'cgroup v1 has no slab in memory.stat: it takes cgroup v2' } as const),
  };
  yield;
  const oomKill = { name: 'oom_kill', needs: needs.oomKillKey };
  return {
    ...split,
    cpuPressure: yield* one('pressure/cpu', needs.pressureStall, parsePressure),
    memoryPressure: yield* one('pressure/memory', needs.pressureStall, parsePressure),
    ioPressure: yield* one('pressure/io', needs.pressureStall, parsePressure),
    irqPressure: yield* one('pressure/irq', needs.irqPressureStall, parseIrqPressure),
    oomKills: yield* one('vmstat', {}, parseOomKill, oomKill),
    io: isV2 ? rootIo(files, memory) : yield* readBlkio(files, io),
  };
}

function rootIo(files: SignalFiles, directory: string): Signal<readonly IoDevice[]> {
  return files.signal(files.read(directory, 'io.stat', { also: 'the io controller' }), parseIoStat);
}
