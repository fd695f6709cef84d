import { agentBirthChecks } from './agent-births.ts';
import { agentCpuChecks } from './agent-cpu.ts';
import { agentMemoryChecks } from './agent-memory.ts';
import { agentMillicoreChecks } from './agent-millicore.ts';
import { agentNameChecks } from './agent-names.ts';
import { agentPodChecks } from './agent-pods.ts';
import type { KernelCheck } from './kernel-check.ts';

/** What the agent reports of real cgroups, held against the check's own readings right before and after the agent's. */
export const checks: readonly KernelCheck[] = [
  ...agentCpuChecks,
  ...agentMemoryChecks,
  ...agentPodChecks,
  ...agentMillicoreChecks,
  ...agentBirthChecks,
  ...agentNameChecks,
];
