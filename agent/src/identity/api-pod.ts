import type { NamedContainer } from '../pods/name-source.ts';

/** As much of a core/v1 ContainerState as names need. */
export interface ApiContainerState {
  readonly running?: { readonly startedAt?: string | Date | null | undefined };
  readonly terminated?: {
    readonly startedAt?: string | Date | null | undefined;
    readonly containerID?: string | undefined;
  };
}

/** As much of a core/v1 ContainerStatus. */
export interface ApiContainerStatus {
  readonly name: string;
  /** `containerd://<64 hexadecimal digits>` */
  readonly containerID?: string | undefined;
  readonly restartCount?: number | undefined;
  readonly state?: ApiContainerState | undefined;
  readonly lastState?: ApiContainerState | undefined;
}

/** As much of a core/v1 Pod. */
export interface ApiPod {
  readonly metadata?: {
    readonly name?: string | undefined;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
    readonly annotations?: Readonly<Record<string, string>> | undefined;
  };
  readonly status?: {
    readonly containerStatuses?: readonly ApiContainerStatus[] | undefined;
    readonly initContainerStatuses?: readonly ApiContainerStatus[] | undefined;
    readonly ephemeralContainerStatuses?: readonly ApiContainerStatus[] | undefined;
  };
}

/** A container of a pod in the API. */
export interface ApiContainer {
  readonly named: NamedContainer;
  readonly isRunning: boolean;
}

/** On the pod in the API that stands for a static one: the UID by which the kubelet and its cgroups know it. */
const mirrorAnnotation = 'kubernetes.io/config.mirror';

/**
 * The containers of a pod that its status gives an ID: those that run, those that have ended, and of each the one before
 * its last restart, whose cgroup may still be there. The pod's UID is the kubelet's.
 */
export function containersOfPod({ metadata, status }: ApiPod): ApiContainer[] {
  const { name: pod, namespace, uid, annotations } = metadata ?? {};
  const podUid = annotations?.[mirrorAnnotation] ?? uid;
  if (!pod || !namespace || !podUid) return [];
  const containers: ApiContainer[] = [];
  const add = (
    of: ApiContainerStatus,
    id: string | undefined,
    state: ApiContainerState,
    restarts: number,
  ) => {
    const containerId = idOf(id);
    const startedAt = (state.running ?? state.terminated)?.startedAt;
    const startedAtMs = startedAt ? new Date(startedAt).getTime() : Number.NaN;
    // Without a start it has not run, or nobody knows any more.
    if (containerId === undefined || Number.isNaN(startedAtMs)) return;
    const named = {
      namespace,
      pod,
      podUid,
      container: of.name,
      restartCount: Math.max(0, restarts),
      containerId,
    };
    // The API cuts the fraction of the second off.
    containers.push({
      named: { ...named, linkedAtMs: startedAtMs + 999 },
      isRunning: state.running !== undefined,
    });
  };
  const statuses = [
    status?.initContainerStatuses,
    status?.containerStatuses,
    status?.ephemeralContainerStatuses,
  ];
  for (const of of statuses.flatMap((each) => each ?? [])) {
    const restarts = of.restartCount ?? 0;
    const { state = {}, lastState = {} } = of;
    const before = lastState.terminated?.containerID;
    if (before !== of.containerID) add(of, before, lastState, restarts - 1);
    else if (state.running === undefined && state.terminated === undefined)
      add(of, before, lastState, restarts);
    add(of, of.containerID, state, restarts);
  }
  return containers;
}

/** What of a pod is kept: a whole one is up to a hundred times as large. */
export function withoutTheRest({ metadata = {}, status = {} }: ApiPod): ApiPod {
  const { name, namespace, uid, resourceVersion, annotations } = metadata;
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status;
  const mirror = annotations?.[mirrorAnnotation];
  const statuses = (all: readonly ApiContainerStatus[] = []) =>
    all.map(({ name, containerID, restartCount, state, lastState }) => ({
      ...{ name, containerID, restartCount },
      ...{ state: times(state), lastState: times(lastState) },
    }));
  return {
    metadata: {
      ...{ name, namespace, uid, resourceVersion },
      ...(mirror === undefined ? {} : { annotations: { [mirrorAnnotation]: mirror } }),
    },
    status: {
      containerStatuses: statuses(containerStatuses),
      initContainerStatuses: statuses(initContainerStatuses),
      ephemeralContainerStatuses: statuses(ephemeralContainerStatuses),
    },
  };
}

/** Running or terminated, and since when; a terminated one's message may be long. */
function times({ running, terminated }: ApiContainerState = {}): ApiContainerState {
  const { startedAt, containerID } = terminated ?? {};
  return {
    ...(running && { running: { startedAt: running.startedAt } }),
    ...(terminated && { terminated: { startedAt, containerID } }),
  };
}

function idOf(containerId: string | undefined): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/([0-9a-f]{64})$/.exec(containerId ?? '')?.[1];
}
