import { readFileSync } from 'node:fs';

/** One process for good: its number may be given to another one later, but not with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of /proc/<pid>/stat: clock ticks after boot; kept as text, since it is only compared. */
  readonly startTicks: string;
}

export interface ProcessStat extends ProcessIdentity {
  /** proc(5): R, S, D, T, Z and others. */
  readonly state: string;
}

/** Reads a line of /proc/<pid>/stat; undefined when it is not a whole one. */
export function parseProcessStat(line: string): ProcessStat | undefined {
  // The name is in brackets, and may itself contain brackets and spaces.
  const [, pid, rest] = /^(\d+) \(.*\) (.+)$/s.exec(line.trimEnd()) ?? [];
  const fields = rest?.split(' ') ?? [];
  const [state, startTicks] = [fields[0], fields[22 - 3]];
  if (pid === undefined || state === undefined || startTicks === undefined || !/^\d+$/.test(startTicks))
    return undefined;
  return { pid: Number(pid), startTicks, state };
}

/** What /proc says of a process now; undefined when there is none of this number. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** A zombie has ended: only its parent has not asked for its exit code yet. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const now = readProcessStat(pid);
  return now !== undefined && now.startTicks === startTicks && now.state !== 'Z' && now.state !== 'X';
}
