import { stderr } from 'node:process';
import { describe, it } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import { checks as agentChecks } from './checks/agent.ts';
import { checks as cgroupStatsChecks } from './checks/cgroup-stats.ts';
import { checks as signalChecks } from './checks/signals.ts';
import { createKernelContext } from './context.ts';

const checks = [...cgroupStatsChecks, ...signalChecks, ...agentChecks];
/** A hybrid machine has a v2 tree too: without controllers, but with CPU time. */
const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

for (const root of roots) {
  const context = createKernelContext({ root });
  if (typeof context === 'string') {
    stderr.write(`Skipped ${checks.length} checks of ${root}: ${context}\n`);
    if (root === roots[0]) skipReason(context);
    it.skip(`${root} of this machine: ${context}`);
    continue;
  }
  describe(`${root} of this machine (${context.layout.mode})`, () => {
    for (const check of checks) {
      const missing = check.needs.filter((controller) => !context.controllers.has(controller)).join(' and ');
      if (missing === '') {
        it(check.name, () => check.run(context));
      } else {
        stderr.write(`Skipped "${check.name}" in ${root}: no ${missing} controller there\n`);
        it.skip(`${check.name} (no ${missing} controller there)`);
      }
    }
  });
}
