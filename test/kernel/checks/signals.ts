import type { KernelCheck } from './kernel-check.ts';
import { signalCpuChecks } from './signals-cpu.ts';
import { signalMemoryChecks } from './signals-memory.ts';
import { signalPidsChecks } from './signals-pids.ts';
import { signalPressureChecks } from './signals-pressure.ts';
import { signalSwapChecks } from './signals-swap.ts';

/** What cgroups and procfs tell beside usage, held against the files' own texts. */
export const checks: readonly KernelCheck[] = [
  ...signalCpuChecks,
  ...signalMemoryChecks,
  ...signalPidsChecks,
  ...signalPressureChecks,
  ...signalSwapChecks,
];
