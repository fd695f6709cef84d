import { readFileSync } from 'node:fs';
import type { KernelContext } from '../context.ts';
import { cpuNanosecondsOf, numberOfKey, readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';

/** What the kernel says of one cgroup, read with nothing of tacho's own in between. */
export interface KernelFigures {
  readonly cpuNanoseconds: bigint;
  readonly memoryUsageBytes: number;
  readonly anonymousBytes: number;
  readonly inactiveFileBytes: number;
}

/** Throws where a file is missing that every cgroup with the controllers cpu and memory has. */
export function readKernelFigures(context: KernelContext, path: string): KernelFigures {
  const read = (name: string) => readFileSync(context.file(path, name), 'latin1');
  const keyed = (text: string, key: string) => numberOfKey(text, key) ?? Number.NaN;
  const stat = read('memory.stat');
  if (!isV2(context)) {
    return {
      memoryUsageBytes: Number(read('memory.usage_in_bytes')),
      anonymousBytes: keyed(stat, 'total_rss'),
      inactiveFileBytes: keyed(stat, 'total_inactive_file'),
      cpuNanoseconds: cpuNanosecondsOf(read('cpuacct.usage')),
    };
  }
  // The root has no memory.current.
  const current = readKernelText(context.file(path, 'memory.current'));
  return {
    memoryUsageBytes: current === undefined ? keyed(stat, 'anon') + keyed(stat, 'file') : Number(current),
    anonymousBytes: keyed(stat, 'anon'),
    inactiveFileBytes: keyed(stat, 'inactive_file'),
    cpuNanoseconds: cpuNanosecondsOf(read('cpu.stat')),
  };
}
