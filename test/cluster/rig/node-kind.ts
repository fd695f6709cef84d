import type { ClusterNode } from './node.ts';

/** How nodes of one kind get and lose power. */
export interface NodeKind {
  /** Resolves when the node's first process runs; a second start is a reboot with the same disk. */
  start(node: ClusterNode): Promise<void>;
  /** Pulls the plug. */
  kill(node: ClusterNode): Promise<void>;
}
