/** What metrics.k8s.io consists of. Everything that names a group, version or resource is derived from here. */
export const groupName = 'metrics.k8s.io';

/** In the order of preference; the messages of all versions are the same. */
export const versions: readonly string[] = ['v1', 'v1beta1'];

export interface MetricsResource {
  readonly name: 'nodes' | 'pods';
  readonly kind: 'NodeMetrics' | 'PodMetrics';
  readonly namespaced: boolean;
  /** How a 404 names the resource when the cluster has no such node or pod… */
  readonly ownerName: string;
  /** …and when it has, but there are no metrics of it. */
  readonly metricsName: string;
}

export const nodes: MetricsResource = {
  name: 'nodes',
  kind: 'NodeMetrics',
  namespaced: false,
  ownerName: 'node',
  metricsName: 'nodemetrics',
};

export const pods: MetricsResource = {
  name: 'pods',
  kind: 'PodMetrics',
  namespaced: true,
  ownerName: 'pods',
  metricsName: 'podmetrics',
};

export const resources: readonly MetricsResource[] = [nodes, pods];

/** What discovery says can be done with each resource. A watch is served to who asks, whether advertised or not. */
export function verbsOf(advertiseWatch: boolean): readonly string[] {
  return advertiseWatch ? ['get', 'list', 'watch'] : ['get', 'list'];
}

export function groupVersion(version: string): string {
  return `${groupName}/${version}`;
}
