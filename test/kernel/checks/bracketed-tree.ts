import type { Cgroup, CgroupTree, CgroupUsage } from 'node-cgroup-stats';
import type { KernelContext } from '../context.ts';
import { type KernelFigures, readKernelFigures } from './kernel-figures.ts';

/** One reading of a cgroup by the agent, and the check's own readings of the same files right before and after it. */
export interface Bracket {
  readonly before: KernelFigures;
  /** Of this process's monotonic clock: between the check's readings and the agent's. */
  readonly beforeUsec: number;
  readonly agent: Readonly<CgroupUsage>;
  readonly afterUsec: number;
  readonly after: KernelFigures;
}

export interface BracketedTree {
  readonly tree: CgroupTree;
  /** All readings of the cgroup at this path, the oldest first; '' is the root. */
  of(path: string): readonly Bracket[];
}

/** The same tree, with every reading of a cgroup put between two of the check's own. */
export function bracketTree(context: KernelContext, tree: CgroupTree): BracketedTree {
  const brackets = new Map<string, Bracket[]>();
  const bracketed = (path: string, cgroup: Cgroup): Cgroup => ({
    path: cgroup.path,
    files: cgroup.files,
    read(into) {
      const before = readKernelFigures(context, path);
      const beforeUsec = performance.now() * 1000;
      const status = cgroup.read(into);
      const afterUsec = performance.now() * 1000;
      const after = readKernelFigures(context, path);
      const known = brackets.get(path) ?? [];
      brackets.set(path, known);
      known.push({ before, beforeUsec, agent: { ...into }, afterUsec, after });
      return status;
    },
    close: () => cgroup.close(),
  });
  return {
    tree: {
      open: (path) => bracketed(path, tree.open(path)),
      openRoot: () => bracketed('', tree.openRoot()),
    },
    of: (path) => brackets.get(path) ?? [],
  };
}
