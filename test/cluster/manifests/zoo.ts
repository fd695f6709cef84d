import type { Cluster } from '../rig/cluster.ts';

/** A namespace of pods of every kind that a node may have to measure, the same on every node. */
export const zooNamespace = 'zoo';

const forEver = 'exec sleep 1000000';
const spin = 'while :; do :; done';
const restartOnce = `[ -e /state/ran ] && ${forEver}; touch /state/ran; sleep 2; exit 1`;

interface Container {
  readonly name: string;
  readonly script: string;
  readonly resources?: object;
  readonly restartPolicy?: 'Always';
}

/** How a pod of the zoo differs from the others. */
interface Animal {
  readonly name: string;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly spec?: object;
  readonly volumeMounts?: readonly object[];
}

const small = { cpu: '100m', memory: '32Mi' };

const animals: readonly Animal[] = [
  {
    name: 'guaranteed',
    containers: [{ name: 'spin', script: spin, resources: { requests: small, limits: small } }],
  },
  {
    name: 'burstable',
    containers: [
      {
        name: 'now-and-then',
        script: 'while :; do sleep 0.2; done',
        resources: { requests: { cpu: '10m' } },
      },
      { name: 'quiet', script: forEver },
    ],
  },
  { name: 'besteffort', containers: [{ name: 'quiet', script: forEver }] },
  {
    name: 'still-pending',
    initContainers: [{ name: 'init', script: forEver }],
    containers: [{ name: 'never', script: forEver }],
  },
  {
    name: 'sidecar',
    initContainers: [{ name: 'proxy', script: forEver, restartPolicy: 'Always' }],
    containers: [{ name: 'main', script: forEver }],
  },
  {
    name: 'restarted',
    containers: [{ name: 'again', script: restartOnce }],
    spec: { volumes: [{ name: 'state', emptyDir: {} }] },
    volumeMounts: [{ name: 'state', mountPath: '/state' }],
  },
  { name: 'hostnet', containers: [{ name: 'quiet', script: forEver }], spec: { hostNetwork: true } },
];

/** Containers that run once the zoo has settled, as `pod/container`; on the node `name`. */
export function zooContainers(node: string): readonly string[] {
  return animals.flatMap(({ name, containers, initContainers = [] }) =>
    [...initContainers, ...(name === 'still-pending' ? [] : containers)].map(
      (container) => `${name}-${node}/${container.name}`,
    ),
  );
}

/** The pods of one node, as objects for `kubectl apply`. */
export function zooPods(cluster: Cluster, node: string): readonly object[] {
  return animals.map(({ name, containers, initContainers = [], spec, volumeMounts = [] }) => {
    const containerOf = ({ script, ...container }: Container) => ({
      image: cluster.busybox,
      imagePullPolicy: 'IfNotPresent',
      command: ['/bin/sh', '-c', script],
      volumeMounts,
      ...container,
    });
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-${node}`, namespace: zooNamespace },
      spec: {
        nodeName: node,
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        initContainers: initContainers.map(containerOf),
        containers: containers.map(containerOf),
        ...spec,
      },
    };
  });
}

/** A static pod's manifest: the kubelet runs it by itself and shows it to the API server as `<name>-<node>`. */
export const staticPod = (cluster: Cluster): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'static', namespace: zooNamespace },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: 'quiet',
        image: cluster.busybox,
        imagePullPolicy: 'IfNotPresent',
        command: ['/bin/sh', '-c', forEver],
      },
    ],
  },
});
