import { readFileSync } from 'node:fs';
import type { ClusterNode } from './cluster.ts';

/** One node of a cluster, as its name tells: `n1`, `s2`, `v3`. */
export interface RigNode extends ClusterNode {
  /** 1 to 9: its addresses come from it. */
  readonly number: number;
  /** `uml`: a User-Mode Linux kernel of its own; `host`: this machine's kernel, in namespaces. */
  readonly kernel: 'uml' | 'host';
}

const kinds: Readonly<Record<string, Pick<RigNode, 'kernel' | 'cgroup' | 'driver'>>> = {
  n: { kernel: 'uml', cgroup: 'v2', driver: 'cgroupfs' },
  s: { kernel: 'uml', cgroup: 'v2', driver: 'systemd' },
  v: { kernel: 'host', cgroup: 'v1', driver: 'cgroupfs' },
};

/** @throws when a name is of no known kind, or two have the same number */
export function parseNodes(names: readonly string[]): readonly RigNode[] {
  const nodes = names.map((name) => {
    const [, letter = '', digit] = /^([nsv])([1-9])$/.exec(name) ?? [];
    const kind = kinds[letter];
    if (kind === undefined || digit === undefined)
      throw new Error(
        `Cannot make a node "${name}": expected n, s or v and a digit from 1 to 9, such as n1 (cgroup v2), s2 (v2 with systemd), v3 (v1)`,
      );
    return { name, number: Number(digit), ...kind };
  });
  if (nodes.length === 0)
    throw new Error('Cannot make a cluster without nodes: expected some, such as n1,v3');
  const numbers = new Set(nodes.map(({ number }) => number));
  if (numbers.size < nodes.length)
    throw new Error(
      `Cannot make the nodes ${names.join(', ')}: expected another digit in each, addresses come from it`,
    );
  return nodes;
}

/** Whether a node on this kernel can have cgroup v1: its controllers must be mounted one by one. */
export function hasCgroupV1(mountInfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): boolean {
  return / \/sys\/fs\/cgroup\/memory .* - cgroup /.test(mountInfo);
}
