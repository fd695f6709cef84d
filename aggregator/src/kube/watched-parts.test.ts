import { expect, test } from 'vitest';
import { watchedKubelet, watchedNode, watchedPod } from './watched-parts.ts';

const metadata = {
  ...{ namespace: 'default', name: 'web', uid: 'web-uid', resourceVersion: '7', labels: { app: 'web' } },
};

test('watchedPod() keeps what is read of a pod, and nothing else', () => {
  const whole = {
    metadata: {
      ...metadata,
      ...{ creationTimestamp: '2026-01-01T00:00:00Z', deletionTimestamp: '2026-01-02T00:00:00Z' },
      annotations: { 'kubernetes.io/config.mirror': 'hash', note: 'long' },
      managedFields: [{ manager: 'kubelet' }],
    },
    spec: {
      ...{ nodeName: 'n1', serviceAccountName: 'default', restartPolicy: 'Always' },
      containers: [{ name: 'one', image: 'a' }, { name: 'two' }],
    },
    status: {
      ...{ phase: 'Running', podIP: '10.0.0.1' },
      conditions: [
        { type: 'Initialized', status: 'True' },
        { type: 'Ready', status: 'False', reason: 'ContainersNotReady' },
      ],
    },
  };
  expect(watchedPod(whole)).toEqual({
    metadata: {
      ...metadata,
      ...{ creationTimestamp: '2026-01-01T00:00:00Z', deletionTimestamp: '2026-01-02T00:00:00Z' },
      annotations: { 'kubernetes.io/config.mirror': 'hash' },
    },
    spec: { nodeName: 'n1', serviceAccountName: 'default', containers: [undefined, undefined] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady' }],
    },
  });
});

test('watchedPod() and watchedNode() make nothing up of what is not there', () => {
  expect(watchedPod({ metadata: { name: 'web' } })).toEqual({
    metadata: { name: 'web' },
    spec: {},
    status: {},
  });
  expect(watchedNode({ metadata: { name: 'n1' } })).toEqual({ metadata: { name: 'n1' }, status: {} });
});

test('watchedNode() keeps what is read of a node, and nothing else', () => {
  const capacity = { cpu: '2', memory: '8Gi' };
  const whole = {
    metadata: { ...metadata, annotations: { a: 'b' } },
    status: { capacity, images: [{ names: ['a'] }] },
  };
  expect(watchedNode(whole)).toEqual({ metadata, status: { capacity } });
});

test('watchedKubelet() keeps where the kubelet is too', () => {
  const status = {
    capacity: { cpu: '2' },
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  };
  expect(watchedKubelet({ metadata, status: { ...status, images: [] } as object })).toEqual({
    metadata,
    status,
  });
  expect(watchedKubelet({ metadata: { name: 'n1' } })).toEqual({ metadata: { name: 'n1' }, status: {} });
});
