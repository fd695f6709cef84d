import { expect, test } from 'vitest';
import { NodeIndex } from '../kube/node-index.ts';
import { PodIndex, type PodObject } from '../kube/pod-index.ts';
import type { CheckedReport } from './checked-report.ts';
import { Snapshot } from './snapshot.ts';

const usage = { cpuNanocores: 5, memoryWorkingSetBytes: 7, swapBytes: undefined, windowUsec: 10_000_000 };
const silenceMs = 15_000;

function podObject(name: string, nodeName: string, metadata: object = {}, phase = 'Running'): PodObject {
  return {
    metadata: { namespace: 'default', name, uid: `${name}-uid`, ...metadata },
    spec: { nodeName },
    status: { phase },
  };
}

/** A report of these pods in namespace `default`, each with one container. */
function report(podNames: readonly string[], node: CheckedReport['node'] = usage): CheckedReport {
  const pods = podNames.map((name) => ({
    ...{ namespace: 'default', name, uid: `${name}-uid`, windowUsec: usage.windowUsec },
    containers: [{ name: 'app', ...usage }],
  }));
  return { sampleMonotonicUsec: 0, node, pods };
}

/** Nodes n1 and n2; on each a pod that runs: `web` and `far`. */
function cluster() {
  const pods = new PodIndex();
  const nodes = new NodeIndex();
  nodes.replace([{ metadata: { name: 'n1', labels: { zone: 'a' } } }, { metadata: { name: 'n2' } }]);
  pods.replace([podObject('web', 'n1', { labels: { app: 'web' } }), podObject('far', 'n2')]);
  const clock = { ms: 1_000_000 };
  const snapshot = new Snapshot({ pods, nodes, monotonicMs: () => clock.ms }, silenceMs);
  return { pods, nodes, clock, snapshot, names: () => snapshot.pods(undefined).map(({ name }) => name) };
}

test('Snapshot serves node and pod with the labels of the API server and the timestamp of the sample', () => {
  const { snapshot } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  expect(snapshot.nodes()).toEqual([{ name: 'n1', labels: { zone: 'a' }, timestampMs: 5_000, ...usage }]);
  expect(snapshot.pods('default')).toEqual([
    {
      ...{ namespace: 'default', name: 'web', labels: { app: 'web' }, timestampMs: 5_000 },
      ...{ windowUsec: usage.windowUsec, containers: [{ name: 'app', ...usage }] },
    },
  ]);
  expect(snapshot.node('n1')).toBe(snapshot.nodes()[0]);
  expect(snapshot.pod('default', 'web')).toBe(snapshot.pods(undefined)[0]);
});

test('Snapshot tells what the cluster does not know from what has no metrics', () => {
  const { snapshot, pods } = cluster();
  pods.set(podObject('starting', 'n1', {}, 'Pending'));
  expect(snapshot.node('n1')).toBe('no-metrics');
  expect(snapshot.node('n9')).toBe('unknown');
  expect(snapshot.pod('default', 'web')).toBe('no-metrics');
  expect(snapshot.pod('default', 'never')).toBe('unknown');
  expect(snapshot.pod('default', 'starting')).toBe('unknown');
  expect(snapshot.pods('never')).toEqual([]);
});

test('Snapshot serves zero', () => {
  const { snapshot } = cluster();
  const zero = { cpuNanocores: 0, memoryWorkingSetBytes: 0, swapBytes: 0, windowUsec: 1 };
  snapshot.put('n1', report([], zero), 5_000);
  expect(snapshot.node('n1')).toMatchObject(zero);
});

test('Snapshot never serves a pod on the word of another node than its own', () => {
  const { snapshot, names } = cluster();
  snapshot.put('n1', report(['web', 'far']), 5_000);
  expect(names()).toEqual(['web']);
  expect(snapshot.pod('default', 'far')).toBe('no-metrics');
  snapshot.put('n2', report(['far', 'web']), 6_000);
  expect(snapshot.pods(undefined).map(({ name, timestampMs }) => [name, timestampMs])).toEqual([
    ['far', 6_000],
    ['web', 5_000],
  ]);
});

test('Snapshot does not serve a report of the UID that a pod had before, nor one under another name', () => {
  const { snapshot, pods, names } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  pods.set(podObject('web', 'n1', { uid: 'second' }));
  expect(names()).toEqual([]);
  pods.set(podObject('renamed', 'n1', { uid: 'web-uid' }));
  expect(names()).toEqual([]);
  pods.set(podObject('web', 'n1', { uid: 'web-uid', namespace: 'other' }));
  expect(names()).toEqual([]);
});

test('Snapshot serves a static pod by the UID that its node uses', () => {
  const { snapshot, pods, names } = cluster();
  const annotations = { 'kubernetes.io/config.mirror': 'web-uid' };
  pods.set(podObject('web', 'n1', { uid: 'of-the-mirror', annotations }));
  snapshot.put('n1', report(['web']), 5_000);
  expect(names()).toEqual(['web']);
});

test('Snapshot serves a pod only while it runs, and no pod that is not scheduled', () => {
  const { snapshot, pods, names } = cluster();
  snapshot.put('n1', report(['web', 'free']), 5_000);
  snapshot.put('', report(['web', 'free']), 5_000);
  pods.set(podObject('web', 'n1', {}, 'Succeeded'));
  pods.set(podObject('free', 'n3'));
  expect(names()).toEqual([]);
  pods.set(podObject('web', 'n1'));
  expect(names()).toEqual(['web']);
});

test('Snapshot serves no node that the cluster does not know, but the pods that run there', () => {
  const { snapshot, nodes, names } = cluster();
  nodes.remove({ metadata: { name: 'n1' } });
  snapshot.put('n1', report(['web']), 5_000);
  expect(snapshot.nodes()).toEqual([]);
  expect(names()).toEqual(['web']);
});

test('Snapshot serves pods while their node’s own usage is not there yet', () => {
  const { snapshot, names } = cluster();
  snapshot.put('n1', { ...report(['web']), node: undefined }, 5_000);
  expect(snapshot.node('n1')).toBe('no-metrics');
  expect(names()).toEqual(['web']);
});

test('Snapshot keeps a silent node for as long as it was told and loses only that one', () => {
  const { snapshot, clock, names } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  clock.ms += 10_000;
  snapshot.put('n2', report(['far']), 15_000);
  clock.ms += silenceMs - 10_000;
  expect(names()).toEqual(['far', 'web']);
  clock.ms += 1;
  expect(names()).toEqual(['far']);
  expect(snapshot.node('n1')).toBe('no-metrics');
  snapshot.put('n1', report(['web']), 21_000);
  expect(names()).toEqual(['far', 'web']);
});

test('Snapshot.expire() forgets a silent node with its timestamp and keeps the others', () => {
  const { snapshot, clock } = cluster();
  snapshot.put('n1', report([]), 5_000);
  clock.ms += silenceMs + 1;
  snapshot.put('n2', report([]), 5_000);
  snapshot.expire();
  // Only of a node that is remembered may the timestamp not go back.
  for (const node of ['n1', 'n2']) snapshot.put(node, report([]), 1_000);
  expect(snapshot.nodes().map(({ timestampMs }) => timestampMs)).toEqual([1_000, 5_000]);
});

test('Snapshot.put() takes the place of the last report: what is no longer reported is gone', () => {
  const { snapshot, pods, names } = cluster();
  pods.set(podObject('side', 'n1'));
  snapshot.put('n1', report(['web', 'side']), 5_000);
  snapshot.put('n1', report(['web']), 10_000);
  expect(names()).toEqual(['web']);
});

test('Snapshot.put() never takes a timestamp back', () => {
  const { snapshot } = cluster();
  const timestamp = () => snapshot.pods(undefined)[0]?.timestampMs;
  snapshot.put('n1', report(['web']), 5_000);
  snapshot.put('n1', report(['web']), 4_000);
  expect(timestamp()).toBe(5_000);
  snapshot.put('n1', report(['web']), 6_000);
  expect(timestamp()).toBe(6_000);
});

test('Snapshot makes an item once, until the next report or until a label changes', () => {
  const { snapshot, pods, nodes } = cluster();
  const items = () => [snapshot.pods('default')[0], snapshot.nodes()[0]];
  snapshot.put('n1', report(['web']), 5_000);
  const [pod, node] = items();
  pods.set(podObject('web', 'n1', { labels: { app: 'web' }, resourceVersion: '99' }));
  expect(items()[0]).toBe(pod);
  expect(items()[1]).toBe(node);
  pods.set(podObject('web', 'n1', { labels: { app: 'new' } }));
  nodes.set({ metadata: { name: 'n1', labels: { zone: 'b' } } });
  const [relabelled, moved] = items();
  expect(relabelled).toEqual({ ...pod, labels: { app: 'new' } });
  expect(moved).toEqual({ ...node, labels: { zone: 'b' } });
  snapshot.put('n1', report(['web']), 6_000);
  expect(items()[0]).toEqual({ ...relabelled, timestampMs: 6_000 });
});

test('Snapshot lists in order of namespace and name', () => {
  const { snapshot, pods, nodes } = cluster();
  pods.replace([podObject('b', 'n1'), podObject('a', 'n2'), podObject('z', 'n1', { namespace: 'a' })]);
  nodes.replace([{ metadata: { name: 'n2' } }, { metadata: { name: 'n1' } }]);
  const first = report(['b']);
  const z = { ...first.pods[0], namespace: 'a', name: 'z', uid: 'z-uid' } as CheckedReport['pods'][number];
  snapshot.put('n2', report(['a']), 1);
  snapshot.put('n1', { ...first, pods: [...first.pods, z] }, 1);
  expect(snapshot.pods(undefined).map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    'a/z',
    'default/a',
    'default/b',
  ]);
  expect(snapshot.nodes().map(({ name }) => name)).toEqual(['n1', 'n2']);
});
