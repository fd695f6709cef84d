import type { Cluster } from '../rig/cluster.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly deletionTimestamp?: string;
    };
    readonly status: {
      readonly phase: string;
      readonly containerStatuses?: readonly {
        readonly name: string;
        readonly state: { readonly running?: object };
      }[];
    };
  }[];
}

/** Every container that must have numbers, as `namespace pod container`: from the status that the kubelets report. */
export async function runningContainers(cluster: Cluster): Promise<readonly string[]> {
  const pods = JSON.parse(await cluster.kubectl(['get', 'pods', '-A', '-o', 'json'])) as PodList;
  return pods.items
    .filter(({ metadata, status }) => status.phase === 'Running' && metadata.deletionTimestamp === undefined)
    .flatMap(({ metadata, status }) =>
      (status.containerStatuses ?? [])
        .filter(({ state }) => state.running !== undefined)
        .map(({ name }) => `${metadata.namespace} ${metadata.name} ${name}`),
    )
    .sort();
}

/** The rows of a table that kubectl printed, without its header, each as its cells. */
export const rowsOf = (table: string): readonly (readonly string[])[] =>
  table
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
