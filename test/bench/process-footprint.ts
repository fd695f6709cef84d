import { readdirSync, readFileSync } from 'node:fs';

/** What a process has taken and holds. */
export interface ProcessFootprint {
  /** Of all its threads, those that have ended too; user and system, since its start. */
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** The part of it that is no page of a file: what could only be swapped out. */
  readonly anonymousMiB: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** USER_HZ, which is 100 on every architecture that Node runs on. */
const tickMs = 10;

/** Reads procfs. @throws when the process is no more or belongs to somebody else */
export function processFootprint(pid: number): ProcessFootprint {
  const of = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
  return {
    ...parseStat(of('stat')),
    ...parseSmapsRollup(of('smaps_rollup')),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
}

/** `/proc/PID/stat` (proc(5)). The second field is a name in brackets that may hold anything, so counting starts behind it. */
export function parseStat(text: string): Pick<ProcessFootprint, 'cpuMs' | 'threads'> {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { cpuMs: (field(14) + field(15)) * tickMs, threads: field(20) };
}

/** `/proc/PID/smaps_rollup` (Linux 4.14). */
export function parseSmapsRollup(text: string): Pick<ProcessFootprint, 'rssMiB' | 'anonymousMiB'> {
  const mebibytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024;
  return { rssMiB: mebibytes('Rss'), anonymousMiB: mebibytes('Anonymous') };
}
