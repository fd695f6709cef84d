import type { Buffer } from 'node:buffer';
import type { ByteCount } from '../src/byte-count.ts';
import type { CpuUsage } from '../src/cpu-usage.ts';
import {
  createByteCount,
  createCpuUsage,
  createMeminfo,
  createMemoryStat,
  createMemoryStatV1,
  parseCpuacctUsage,
  parseCpuStat,
  parseMeminfo,
  parseMemoryCurrent,
  parseMemoryStat,
  parseMemoryStatV1,
  parseMemorySwapCurrent,
  parseMemoryUsageInBytes,
} from '../src/index.ts';
import { parseMemoryEventsMax, parseOomKill } from '../src/memory-events.ts';
import { memoryKindsV1, parseSlab } from '../src/memory-stat-split.ts';
import { type Parser, parseSingleNumber } from '../src/parsed.ts';
import type { ParseStatus } from '../src/status.ts';
import { signalTexts } from './fixture-signal-texts.ts';

export interface ParsedNumber {
  readonly status: string;
  readonly value: number;
}

/** One number of one kernel file: how ours parses it, and what a reader of the text would expect it to be. */
export interface KernelParser {
  readonly name: string;
  /** A real text, from kernel 6.18 (meminfo and the single values cut down). */
  readonly example: string;
  /** What stands before the number within its line; '' for a file that is one number. */
  readonly prefix: string;
  /** What stands between the number and the newline. */
  readonly suffix: string;
  /** The parsed number back in the text's own unit, as decimal digits, or the status why there is none. */
  parse(buffer: Buffer, byteLength: number): { readonly status: string; readonly digits: string };
}

const inBytes = (value: number, unit = 1) => (Number.isNaN(value) ? '' : BigInt(value / unit).toString());

function cpuParser(
  name: string,
  example: string,
  prefix: string,
  nanosecondsPerUnit: bigint,
  parse: (buffer: Buffer, byteLength: number, into: CpuUsage) => ParseStatus,
): KernelParser {
  return {
    name,
    example,
    prefix,
    suffix: '',
    parse(buffer, byteLength) {
      const usage = createCpuUsage();
      const status = parse(buffer, byteLength, usage);
      if (Number.isNaN(usage.usageSeconds) || Number.isNaN(usage.usageNanoseconds))
        return { status, digits: '' };
      const nanoseconds = BigInt(usage.usageSeconds) * 1_000_000_000n + BigInt(usage.usageNanoseconds);
      return { status, digits: (nanoseconds / nanosecondsPerUnit).toString() };
    },
  };
}

function byteCountParser(
  name: string,
  parse: (buffer: Buffer, byteLength: number, into: ByteCount) => ParseStatus,
): KernelParser {
  return {
    name,
    example: '626851840\n',
    prefix: '',
    suffix: '',
    parse(buffer, byteLength) {
      const count = createByteCount();
      const status = parse(buffer, byteLength, count);
      return { status, digits: inBytes(count.bytes) };
    },
  };
}

function keyParser(
  name: string,
  example: string,
  prefix: string,
  parse: (buffer: Buffer, byteLength: number) => ParsedNumber,
): KernelParser {
  return {
    name,
    example,
    prefix,
    suffix: '',
    parse(buffer, byteLength) {
      const { status, value } = parse(buffer, byteLength);
      return { status, digits: inBytes(value) };
    },
  };
}

function signalParser(name: string, example: string, prefix: string, parse: Parser<number>): KernelParser {
  return keyParser(name, example, prefix, (buffer, byteLength) => {
    const parsed = parse(buffer, byteLength);
    return parsed.status === 'ok' ? parsed : { ...parsed, value: Number.NaN };
  });
}

const CPU_STAT = 'usage_usec 126525473\nuser_usec 82212448\nsystem_usec 44313024\nnice_usec 0\n';
const MEMORY_STAT =
  'anon 190619648\nfile 437133312\nkernel 31457280\nshmem 8998912\ninactive_anon 182091776\nactive_anon 1605632\n' +
  'inactive_file 148209664\nactive_file 279924736\nunevictable 15859712\npgfault 3543041\n';
const MEMORY_STAT_V1 =
  'cache 9175040\nrss 8392704\nswap 0\ninactive_file 8192\nactive_file 167936\ntotal_cache 437133312\n' +
  'total_swap 45056\ntotal_swapcached 0\ntotal_inactive_anon 182091776\ntotal_inactive_file 148209664\n';
const MEMINFO =
  'MemTotal:       24684096 kB\nMemFree:               0 kB\nSwapCached:            0 kB\n' +
  'SwapTotal:       8388604 kB\nSwapFree:              0 kB\nDirty:               572 kB\n';

export const kernelParsers: readonly KernelParser[] = [
  cpuParser('parseCpuStat()', CPU_STAT, 'usage_usec ', 1000n, parseCpuStat),
  cpuParser('parseCpuacctUsage()', '133867155662\n', '', 1n, parseCpuacctUsage),
  byteCountParser('parseMemoryCurrent()', parseMemoryCurrent),
  byteCountParser('parseMemoryUsageInBytes()', parseMemoryUsageInBytes),
  byteCountParser('parseMemorySwapCurrent()', parseMemorySwapCurrent),
  keyParser('parseMemoryStat() anon', MEMORY_STAT, 'anon ', (buffer, byteLength) => {
    const stat = createMemoryStat();
    parseMemoryStat(buffer, byteLength, stat);
    return { status: stat.anonStatus, value: stat.anonBytes };
  }),
  keyParser('parseMemoryStat() file', MEMORY_STAT, 'file ', (buffer, byteLength) => {
    const stat = createMemoryStat();
    parseMemoryStat(buffer, byteLength, stat);
    return { status: stat.fileStatus, value: stat.fileBytes };
  }),
  keyParser('parseMemoryStat() inactive_file', MEMORY_STAT, 'inactive_file ', (buffer, byteLength) => {
    const stat = createMemoryStat();
    parseMemoryStat(buffer, byteLength, stat);
    return { status: stat.inactiveFileStatus, value: stat.inactiveFileBytes };
  }),
  keyParser(
    'parseMemoryStatV1() total_inactive_file',
    MEMORY_STAT_V1,
    'total_inactive_file ',
    (buffer, byteLength) => {
      const stat = createMemoryStatV1();
      parseMemoryStatV1(buffer, byteLength, stat);
      return { status: stat.totalInactiveFileStatus, value: stat.totalInactiveFileBytes };
    },
  ),
  keyParser('parseMemoryStatV1() total_swap', MEMORY_STAT_V1, 'total_swap ', (buffer, byteLength) => {
    const stat = createMemoryStatV1();
    parseMemoryStatV1(buffer, byteLength, stat);
    return { status: stat.totalSwapStatus, value: stat.totalSwapBytes };
  }),
  signalParser('parseSingleNumber()', '134000640\n', '', parseSingleNumber),
  signalParser('parseOomKill()', signalTexts['memory.events'], 'oom_kill ', parseOomKill),
  signalParser('parseMemoryEventsMax()', signalTexts['memory.events'], 'max ', parseMemoryEventsMax),
  signalParser('parseSlab()', signalTexts['memory.stat'], 'slab ', parseSlab),
  signalParser(
    'total_rss',
    'cache 1\nrss 2\ntotal_cache 9\ntotal_rss 8392704\n',
    'total_rss ',
    memoryKindsV1.anonBytes,
  ),
  {
    // SwapFree is 0 in these texts, so the difference is SwapTotal.
    name: 'parseMeminfo() swap',
    example: MEMINFO,
    prefix: 'SwapTotal:       ',
    suffix: ' kB',
    parse(buffer, byteLength) {
      const meminfo = createMeminfo();
      parseMeminfo(buffer, byteLength, meminfo);
      return { status: meminfo.swapUsedStatus, digits: inBytes(meminfo.swapUsedBytes, 1024) };
    },
  },
];
