import type { RigNode } from './node.ts';

/** How nodes of one kind get and lose power. */
export interface NodeKind {
  /** Resolves when the node's first process runs; a second start is a reboot with the same disk. */
  start(node: RigNode): Promise<void>;
  /** Pulls the plug. */
  kill(node: RigNode): Promise<void>;
}
