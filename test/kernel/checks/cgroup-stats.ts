import { cpuChecks } from './cgroup-cpu.ts';
import { memoryChecks } from './cgroup-memory.ts';
import { removalChecks } from './cgroup-removal.ts';
import type { KernelCheck } from './kernel-check.ts';

/** What node-cgroup-stats says of real cgroups, held against the files' own texts. */
export const checks: readonly KernelCheck[] = [...cpuChecks, ...memoryChecks, ...removalChecks];
