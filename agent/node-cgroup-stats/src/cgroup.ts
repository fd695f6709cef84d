import type { Buffer } from 'node:buffer';
import type { CgroupUsage } from './cgroup-usage.ts';
import type { FileCalls } from './file-calls.ts';
import type { KernelFile } from './kernel-file.ts';

/** One cgroup, read again and again. The same shape for v1, v2 and the root of either. */
export interface Cgroup {
  /** Relative to the root of the hierarchies; '' is the root. */
  readonly path: string;
  /** The files that are read, in that order, each with the errno name of its last failure. */
  readonly files: readonly KernelFile[];
  /**
   * Fills the record. `gone` when the cgroup was removed, and from then on even if one of the same name is made.
   * Never throws: what cannot be read is told by the status of the quantity.
   */
  read(into: CgroupUsage): 'ok' | 'gone';
  /** Gives all descriptors back; a reading after it answers `gone`. */
  close(): void;
}

/** What the cgroups of one tree have in common. */
export interface CgroupDeps {
  /** A clock that never steps, in microseconds. */
  monotonicUsec(): number;
  /** One for all: readings are synchronous. */
  readonly buffer: Buffer;
  readonly calls: FileCalls;
}
