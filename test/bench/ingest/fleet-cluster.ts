import { agentAccount, namespace } from '../../one-machine/credentials.ts';
import type { KubeObject } from '../../stand-ins/kube-apiserver/object-store.ts';
import { type ClusterSize, MadeCluster } from '../list-cluster.ts';
import type { NamedPod } from './agent-report.ts';

/** The pod of a node's agent. @param node its number */
export function agentPod(node: number, nodeName: string): NamedPod {
  const uid = `a6e70000-0000-4000-a000-${node.toString(16).padStart(12, '0')}`;
  return { namespace, name: `tacho-agent-${nodeName}`, uid };
}

/**
 * The objects of a made-up cluster as kube-apiserver would list them: as large, since the aggregator reads lists whole
 * and throws most of them away. One pod of each node is the agent's.
 */
export class FleetCluster {
  readonly #made: MadeCluster;
  readonly nodeNames: readonly string[];

  constructor(size: ClusterSize) {
    this.#made = new MadeCluster(size);
    this.nodeNames = this.#made.nodeObjects().map(({ metadata }) => metadata.name);
  }

  nodes(): KubeObject[] {
    return this.#made.nodeObjects().map(({ metadata }) => ({
      metadata: { ...metadata, labels: { ...metadata.labels } } as KubeObject['metadata'],
      status: { capacity, allocatable: capacity, nodeInfo: { kubeletVersion: 'v1.37.2' } },
    }));
  }

  *pods(): Generator<KubeObject> {
    for (const { metadata, spec, status } of this.#made.podObjects()) {
      const containers = (spec?.containers ?? []) as readonly { readonly name: string }[];
      yield podObject(
        { ...metadata, labels: { ...metadata.labels } } as KubeObject['metadata'],
        { nodeName: spec?.nodeName ?? '', serviceAccountName: 'default', containers },
        status?.phase ?? '',
      );
    }
    for (const [at, nodeName] of this.nodeNames.entries()) {
      const [, serviceAccountName = ''] = agentAccount.split('/');
      yield podObject(
        { ...agentPod(at, nodeName), labels: { app: 'tacho-agent' } },
        { nodeName, serviceAccountName, containers: [{ name: 'agent' }] },
        'Running',
      );
    }
  }
}

const capacity = { cpu: '16', memory: '65536000Ki', pods: '110' };
const madeAt = '2026-11-01T12:00:00Z';

interface MadeSpec {
  readonly nodeName: string;
  readonly serviceAccountName: string;
  readonly containers: readonly { readonly name: string }[];
}

/** About 4 KB of JSON, as most pods are at least. */
function podObject(metadata: KubeObject['metadata'], spec: MadeSpec, phase: string): KubeObject {
  const { containers, nodeName, serviceAccountName } = spec;
  return {
    metadata: {
      ...metadata,
      creationTimestamp: madeAt,
      generateName: `${metadata.name.slice(0, -5)}`,
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: metadata.name, controller: true }],
      managedFields: ['kube-controller-manager', 'kubelet'].map((manager) => ({
        ...{ manager, operation: 'Update', apiVersion: 'v1', time: madeAt, fieldsType: 'FieldsV1' },
        fieldsV1: ownedFields,
      })),
    },
    spec: {
      ...{ nodeName, serviceAccountName, restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', priority: 0 },
      volumes: [
        { name: 'kube-api-access', projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
      ],
      containers: containers.map(({ name }) => ({
        ...{ name, image: `registry.example/team/${name}:1.27.3`, imagePullPolicy: 'IfNotPresent' },
        ...{ resources: { requests: { cpu: '100m', memory: '128Mi' } }, env: variables },
        volumeMounts: [
          { name: 'kube-api-access', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
        ],
        livenessProbe: { httpGet: { path: '/healthz', port: 8080, scheme: 'HTTP' }, periodSeconds: 10 },
      })),
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute' }],
    },
    status: {
      phase,
      conditions: conditionTypes.map((type) => ({
        ...{ type, status: 'True', lastProbeTime: null, lastTransitionTime: madeAt },
      })),
      ...{ hostIP: '10.0.0.17', podIP: '10.1.0.17', startTime: madeAt, qosClass: 'Burstable' },
      containerStatuses: containers.map(({ name }) => ({
        ...{ name, ready: true, started: true, restartCount: 0, state: { running: { startedAt: madeAt } } },
        imageID: `registry.example/team/${name}@sha256:${'0123456789abcdef'.repeat(4)}`,
        containerID: `containerd://${'0123456789abcdef'.repeat(4)}`,
      })),
    },
  };
}

const conditionTypes = [
  'PodReadyToStartContainers',
  'Initialized',
  'Ready',
  'ContainersReady',
  'PodScheduled',
];
const variables = Array.from({ length: 8 }, (_, at) => ({ name: `SETTING_${at}`, value: `value-${at}` }));
const ownedFields = Object.fromEntries(
  Array.from({ length: 16 }, (_, at) => [`f:field-${at}`, { '.': {}, 'f:name': {}, 'f:value': {} }]),
);
