/** What there is to ask for. */
export interface Targets {
  readonly namespace: string;
  /** A running pod of it, with one container. */
  readonly pod: string;
  /** One that waits for a node that never comes. */
  readonly waitingPod: string;
  /** One that has ended. */
  readonly endedPod: string;
  readonly node: string;
  /** A namespace that is not there. */
  readonly emptyNamespace: string;
  /** One whose list is longer than what is sent as it is. */
  readonly largeNamespace: string;
}

export const group = '/apis/metrics.k8s.io';
export const podsPath = ({ namespace }: Targets): string => `${group}/{version}/namespaces/${namespace}/pods`;
export const podPath = (targets: Targets): string => `${podsPath(targets)}/${targets.pod}`;
export const nodesPath = `${group}/{version}/nodes`;
