import { controlPlaneAddress } from '../rig/network.ts';
import { metricsServerPort } from '../side-by-side/peers.ts';

const metadata = {
  name: 'metrics-server',
  namespace: 'kube-system',
  labels: { 'k8s-app': 'metrics-server' },
};

/** What metrics-server's own manifest leaves in a cluster, as far as others see it; the program runs beside the control plane. */
export function metricsServerObjects(): readonly object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ name: 'https', port: 443, targetPort: metricsServerPort }] },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': 'metrics-server' } },
      addressType: 'IPv4',
      ports: [{ name: 'https', port: metricsServerPort, protocol: 'TCP' }],
      endpoints: [{ addresses: [controlPlaneAddress], conditions: { ready: true } }],
    },
    {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: 'v1beta1.metrics.k8s.io', labels: metadata.labels },
      spec: {
        group: 'metrics.k8s.io',
        version: 'v1beta1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'metrics-server', namespace: 'kube-system' },
      },
    },
  ];
}
