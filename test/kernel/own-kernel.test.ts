import { describe, it } from 'vitest';
import { checks } from './checks/cgroup-stats.ts';
import { createKernelContext } from './context.ts';

/** A hybrid machine has a v2 tree too: without controllers, but with CPU time. */
const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'];

for (const root of roots) {
  const context = createKernelContext({ root });
  if (typeof context === 'string') {
    it.skip(`${root} of this machine: ${context}`);
    continue;
  }
  describe(`${root} of this machine (${context.layout.mode})`, () => {
    for (const check of checks) {
      const missing = check.needs.filter((controller) => !context.controllers.has(controller));
      if (missing.length > 0) it.skip(`${check.name} (no ${missing.join(' and ')} controller there)`);
      else it(check.name, () => check.run(context));
    }
  });
}
