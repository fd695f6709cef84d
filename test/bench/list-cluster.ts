import type { NodeReport, Usage } from '@tacho/proto';
import type { NodeOrPod } from '../../aggregator/src/snapshot/cluster-objects.ts';
import { type MadeWorkload, madeWorkloads } from './list-workloads.ts';

/** How large a made-up cluster is. */
export interface ClusterSize {
  readonly nodes: number;
  readonly pods: number;
}

/** Coprime with every number of pods that ends in zeros: neighbours in the order of names run on different nodes. */
const stride = 7_919;

/**
 * A cluster that does not exist: Deployments and StatefulSets over many namespaces, spread over nodes. Everything
 * follows from the index of a pod, so that a report is made anew each time, as one off the wire is, and nothing but the
 * table of workloads is kept.
 */
export class MadeCluster {
  readonly #size: ClusterSize;
  readonly #workloads: readonly MadeWorkload[];
  /** The workload of each pod. */
  readonly #workloadOf: Uint32Array;

  /** @throws when the number of pods shares a factor with the stride */
  constructor(size: ClusterSize) {
    if (size.pods % stride === 0) throw new Error(`Cannot spread ${size.pods} pods: a multiple of ${stride}`);
    this.#size = size;
    this.#workloads = madeWorkloads(size.pods);
    this.#workloadOf = new Uint32Array(size.pods);
    for (const [at, { firstPod, replicas }] of this.#workloads.entries()) {
      this.#workloadOf.fill(at, firstPod, firstPod + replicas);
    }
  }

  nodeObjects(): NodeOrPod[] {
    return Array.from({ length: this.#size.nodes }, (_, node) => {
      const name = nodeName(node);
      const zone = `eu-central-1${'abc'[node % 3]}`;
      const labels = {
        'beta.kubernetes.io/arch': 'amd64',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        'node.kubernetes.io/instance-type': 'm7i.4xlarge',
        'topology.kubernetes.io/zone': zone,
      };
      return { metadata: { name, uid: uid(node, 1), labels } };
    });
  }

  /** In the order in which the API server lists them. */
  podObjects(): NodeOrPod[] {
    const objects: NodeOrPod[] = [];
    for (let node = 0; node < this.#size.nodes; node += 1) {
      for (const pod of this.#podsOn(node)) {
        const workload = this.#workload(pod);
        const [name, labels] = [workload.podName(pod), workload.labels(pod)];
        objects.push({
          metadata: { namespace: workload.namespace, name, uid: uid(pod, 2), labels },
          spec: { nodeName: nodeName(node), containers: workload.containers.map((each) => ({ name: each })) },
          status: { phase: 'Running' },
        });
      }
    }
    const keyOf = ({ metadata }: NodeOrPod) => `${metadata.namespace}/${metadata.name}`;
    const keyed = objects.map((object) => ({ key: keyOf(object), object }));
    return keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ object }) => object);
  }

  /** What a node reports. @param round tells one report of a node from the next */
  report(node: number, round: number, swap: boolean): { readonly node: string; readonly report: NodeReport } {
    const windowUsec = 9_900_000 + (mixed(node, round) % 200_000);
    const usage = (seed: number, cores: number, pages: number): Usage => ({
      cpuNanocores: mixed(seed, round) % (cores * 1e9),
      memoryWorkingSetBytes: 4096 * (200 + (mixed(seed, round + 1) % pages)),
      windowUsec: windowUsec + (mixed(seed, round) % 1_000),
      ...(swap && { swapBytes: 4096 * (mixed(seed, round) % 1_000) }),
    });
    const pods = [...this.#podsOn(node)].map((pod) => {
      const workload = this.#workload(pod);
      return {
        namespace: workload.namespace,
        name: workload.podName(pod),
        uid: uid(pod, 2),
        containers: workload.containers.map((name, at) => ({
          name,
          usage: usage(pod * 8 + at, at === 0 ? 0.2 : 0.02, 100_000),
        })),
      };
    });
    return {
      node: nodeName(node),
      report: { sampleMonotonicUsec: round * 5_000_000, node: usage(-node - 1, 4, 10_000_000), pods },
    };
  }

  #workload(pod: number): MadeWorkload {
    return this.#workloads[this.#workloadOf[pod] ?? 0] as MadeWorkload;
  }

  *#podsOn(node: number): Generator<number> {
    const { nodes, pods } = this.#size;
    for (let at = node; at < pods; at += nodes) yield (at * stride) % pods;
  }
}

function nodeName(node: number): string {
  return `ip-10-${node >> 8}-${node & 255}-17.eu-central-1.compute.internal`;
}

function uid(index: number, kind: number): string {
  const hex = (seed: number) => mixed(index, seed).toString(16).padStart(8, '0');
  const [a, b, c] = [hex(kind), hex(kind + 10), hex(kind + 20)];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(5)}-${index.toString(16).padStart(12, '0')}`;
}

/** The same for the same numbers, and else as good as random: 32 bits. */
function mixed(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e37_79b1) ^ Math.imul(b + 1, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a_2d39);
  return (hash ^ (hash >>> 15)) >>> 0;
}
