import type { Cluster } from '../rig/cluster.ts';

interface ContainerStatus {
  readonly name: string;
  readonly state: { readonly running?: { readonly startedAt: string } };
}

interface PodList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly namespace: string;
      readonly deletionTimestamp?: string;
    };
    readonly status: {
      readonly phase: string;
      readonly containerStatuses?: readonly ContainerStatus[];
      readonly initContainerStatuses?: readonly ContainerStatus[];
    };
  }[];
}

/** When the runtime had started each running container, seconds since 1970, by `namespace/pod/container`. */
export async function startedContainers(cluster: Cluster): Promise<ReadonlyMap<string, number>> {
  const pods = JSON.parse(await cluster.kubectl(['get', 'pods', '-A', '-o', 'json'])) as PodList;
  return new Map(
    pods.items.flatMap(({ metadata, status }) =>
      [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])].flatMap(
        ({ name, state }) =>
          state.running === undefined
            ? []
            : [
                [
                  `${metadata.namespace}/${metadata.name}/${name}`,
                  Date.parse(state.running.startedAt) / 1000,
                ] as const,
              ],
      ),
    ),
  );
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
