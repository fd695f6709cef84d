import { checks as agentChecks } from '../checks/agent.ts';
import { checks as cgroupStatsChecks } from '../checks/cgroup-stats.ts';
import type { KernelCheck } from '../checks/kernel-check.ts';
import { checks as npmStartChecks } from '../checks/npm-start.ts';
import { checks as signalChecks } from '../checks/signals.ts';
import { checks as wholePipeChecks } from '../checks/whole-pipe.ts';
import { checks as workloadChecks } from '../checks/workloads.ts';

/** All that must hold on a kernel with pure cgroup v2. */
export const guestChecks: readonly KernelCheck[] = [
  ...cgroupStatsChecks,
  ...signalChecks,
  ...workloadChecks,
  ...agentChecks,
  ...wholePipeChecks,
  ...npmStartChecks,
];
