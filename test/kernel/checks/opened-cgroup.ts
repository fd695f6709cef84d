import type { Cgroup, CgroupUsage } from 'node-cgroup-stats';
import { createCgroupTree, createCgroupUsage } from 'node-cgroup-stats';
import type { KernelCgroup, KernelContext } from '../context.ts';

export const isV2 = (context: KernelContext) => context.layout.mode === 'v2';

/** Makes a cgroup, opens it with the library, and takes both away again whatever happens. */
export async function withCgroup(
  context: KernelContext,
  name: string,
  run: (made: KernelCgroup, opened: Cgroup, usage: CgroupUsage) => Promise<void> | void,
  options: { withoutMemory?: boolean } = {},
): Promise<void> {
  const made = await context.makeCgroup(name, options);
  const opened = createCgroupTree(context.layout).open(made.path);
  try {
    await run(made, opened, createCgroupUsage());
  } finally {
    opened.close();
    await made.remove();
  }
}
