import type { Cluster } from '../rig/cluster.ts';
import type { Targets } from './requests/targets.ts';

export const workloadNamespace = 'side-by-side';
const largeNamespace = 'side-by-side-large';
export const readerAccount = 'reader';
export const strangerAccount = 'stranger';

export const namespaces = [workloadNamespace, largeNamespace] as const;

/** Of the longest label values that there may be: more than 128 KiB, above which answers are compressed. */
const largeLabels = Object.fromEntries(
  Array.from({ length: 700 }, (_, index) => [
    `${'a.'.repeat(75)}example.com/${index}`,
    `${index}-${'x'.repeat(50)}`,
  ]),
);

/** Some work twice a second: metrics-server leaves out a container whose CPU time is still zero. */
const script = 'while :; do i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done; sleep 0.5; done';

/** Names and labels for every selector; `done` ends at once and `waiting` never starts. */
export function sideBySideObjects(cluster: Cluster): readonly object[] {
  const pod = (name: string, labels: object, more: object = {}, containers = ['main'], command = script) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: workloadNamespace, labels, ...(more as { metadata?: object }).metadata },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      containers: containers.map((container) => ({
        name: container,
        image: cluster.busybox,
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/sh', '-c', command],
      })),
      ...(more as { spec?: object }).spec,
    },
  });
  const account = (name: string) => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: workloadNamespace },
  });
  return [
    ...namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    account(readerAccount),
    account(strangerAccount),
    ...readerRights(),
    pod('web-1', { app: 'web', tier: 'front', weight: '5', 'example.com/track': 'stable' }),
    pod('web-10', { app: 'web', tier: 'back', weight: '2' }),
    pod('web-2', { app: 'web' }),
    pod('pair', { app: 'pair' }, {}, ['second', 'first']),
    pod('bare', {}),
    pod('waiting', { app: 'web' }, { spec: { nodeSelector: { 'no-such-label': 'anywhere' } } }),
    pod('done', { app: 'web' }, { spec: { restartPolicy: 'Never' } }, ['main'], 'true'),
    pod('large', largeLabels, { metadata: { namespace: largeNamespace } }),
  ];
}

function readerRights(): readonly object[] {
  const metadata = { name: 'side-by-side-reader' };
  const rbac = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata,
      rules: [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', 'list'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: readerAccount, namespace: workloadNamespace }],
    },
  ];
}

/** Running pods, as `namespace/name`: what both servers must have before they are compared. */
export const runningPods: readonly string[] = [
  ...['bare', 'pair', 'web-1', 'web-10', 'web-2'].map((name) => `${workloadNamespace}/${name}`),
  `${largeNamespace}/large`,
];

export function targetsOn(node: string): Targets {
  return {
    node,
    namespace: workloadNamespace,
    largeNamespace,
    emptyNamespace: 'not-there',
    pod: 'web-1',
    waitingPod: 'waiting',
    endedPod: 'done',
  };
}
