import { controlPlaneAddress, dnsServiceAddress } from './network.ts';

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const ports = (['UDP', 'TCP'] as const).map((protocol) => ({
  name: `dns-${protocol.toLowerCase()}`,
  port: 53,
  protocol,
}));

/**
 * CoreDNS runs beside the control plane and not as a pod: a Service without selector leads to it. Names of pods and
 * Services work from the first pod on, and a dead node takes no DNS with it.
 */
export const clusterDnsObjects: readonly {
  readonly path: string;
  readonly object: {
    readonly metadata: { readonly name: string; readonly labels?: object };
    readonly [field: string]: unknown;
  };
}[] = [
  {
    path: `${rbac}/clusterroles`,
    object: {
      metadata: { name: 'coredns' },
      rules: [
        { apiGroups: [''], resources: ['services', 'namespaces', 'pods'], verbs: ['list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ],
    },
  },
  {
    path: `${rbac}/clusterrolebindings`,
    object: {
      metadata: { name: 'coredns' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'coredns' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'coredns' }],
    },
  },
  {
    path: '/api/v1/namespaces/kube-system/services',
    object: { metadata: { name: 'kube-dns' }, spec: { clusterIP: dnsServiceAddress, ports } },
  },
  {
    path: '/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices',
    object: {
      metadata: { name: 'kube-dns-control-plane', labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      addressType: 'IPv4',
      ports,
      endpoints: [{ addresses: [controlPlaneAddress] }],
    },
  },
];
