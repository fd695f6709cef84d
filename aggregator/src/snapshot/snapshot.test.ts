import { expect, test } from 'vitest';
import type { CheckedReport } from './checked-report.ts';
import { cluster, podObject, type Remembered, report, silenceMs, usage } from './fixture-snapshot.ts';

test('Snapshot serves node and pod with the labels of the API server and the timestamp of the sample', () => {
  const { snapshot, served } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  const { windowUsec, ...amounts } = usage;
  const measured = { timestampMs: 5_000, windowUsec };
  const node = { namespace: '', name: 'n1', labels: { zone: 'a' }, ...measured };
  const pod = { namespace: 'default', name: 'web', labels: { app: 'web' }, ...measured };
  expect(served.nodes()).toEqual([{ ...node, containers: [{ name: '', ...amounts }] }]);
  expect(served.pods('default')).toEqual([{ ...pod, containers: [{ name: 'app', ...amounts }] }]);
  expect(snapshot.node('n1')).toBe(snapshot.nodes()[0]?.[0]);
  expect(snapshot.pod('default', 'web')).toBe(snapshot.pods('default')[0]?.[1]);
});

test('Snapshot tells what the cluster does not know from what has no metrics', () => {
  const { pods, served } = cluster();
  pods.set(podObject('starting', 'n1', {}, 'Pending'));
  expect(served.node('n1')).toBe('no-metrics');
  expect(served.node('n9')).toBe('unknown');
  expect(served.pod('default', 'web')).toBe('no-metrics');
  expect(served.pod('default', 'never')).toBe('unknown');
  expect(served.pod('default', 'starting')).toBe('unknown');
  expect(served.pods('never')).toEqual([]);
});

test('Snapshot serves zero', () => {
  const { snapshot, served } = cluster();
  const zero = { cpuNanocores: 0, memoryWorkingSetBytes: 0, swapBytes: 0, windowUsec: 1 };
  snapshot.put('n1', report([], zero), 5_000);
  const { windowUsec, ...amounts } = zero;
  expect(served.node('n1')).toMatchObject({ windowUsec, containers: [amounts] });
});

test('Snapshot never serves a pod on the word of another node than its own', () => {
  const { snapshot, names, served } = cluster();
  snapshot.put('n1', report(['web', 'far']), 5_000);
  expect(names()).toEqual(['web']);
  expect(served.pod('default', 'far')).toBe('no-metrics');
  snapshot.put('n2', report(['far', 'web']), 6_000);
  expect(served.pods().map(({ name, timestampMs }) => [name, timestampMs])).toEqual([
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

test('Snapshot gives nothing to who took a pod’s samples before, once another pod has its name or its place', () => {
  const { snapshot, pods, served } = cluster();
  const streams: Record<string, Remembered> = { n1: new Map(), n2: new Map() };
  const put = (node: string, atMs: number) => snapshot.put(node, report(['web'], usage, streams[node]), atMs);
  put('n1', 5_000);
  pods.set(podObject('web', 'n1', { uid: 'second' }));
  expect([...put('n1', 6_000).keys()]).toEqual(['pod with another UID than the watch knows']);
  expect(served.pod('default', 'web')).toBe('no-metrics');
  pods.set(podObject('web', 'n1'));
  put('n1', 7_000);
  expect(served.pod('default', 'web')).toMatchObject({ timestampMs: 7_000 });
  pods.remove(podObject('web', 'n1'));
  expect([...put('n1', 8_000).keys()]).toEqual(['pod that the watch does not know']);
  pods.set(podObject('web', 'n2'));
  expect([...put('n1', 9_000).keys()]).toEqual(['pod of another node']);
  expect(served.pod('default', 'web')).toBe('no-metrics');
  put('n2', 10_000);
  expect(served.pod('default', 'web')).toMatchObject({ timestampMs: 10_000 });
});

test('Snapshot serves a static pod by the UID that its node uses', () => {
  const { snapshot, pods, names } = cluster();
  const annotations = { 'kubernetes.io/config.mirror': 'web-uid' };
  pods.set(podObject('web', 'n1', { uid: 'of-the-mirror', annotations }));
  snapshot.put('n1', report(['web']), 5_000);
  expect(names()).toEqual(['web']);
});

test('Snapshot serves a pod although another one claims the UID of it as its mirror', () => {
  const { snapshot, pods, names } = cluster();
  const annotations = { 'kubernetes.io/config.mirror': 'web-uid' };
  pods.set(podObject('thief', 'n1', { annotations, namespace: 'other' }));
  pods.set(podObject('thief', 'n1', { annotations }));
  snapshot.put('n1', report(['web']), 5_000);
  expect(names()).toEqual(['web']);
});

test('Snapshot lets go of what an ended report held, though an entry still has its last sample', () => {
  const { snapshot, pods } = cluster();
  pods.set(podObject('stuck', 'n1'));
  snapshot.put('n1', report(['web', 'stuck', 'unknown']), 5_000);
  const stuck = pods.get('default', 'stuck');
  snapshot.put('n1', report(['web']), 6_000);
  expect(stuck?.sample?.time).toMatchObject({ ended: true, entries: [], node: undefined });
  expect(stuck?.sample?.time.unclaimed.size).toBe(0);
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
  const { snapshot, nodes, names, served } = cluster();
  nodes.remove({ metadata: { name: 'n1' } });
  snapshot.put('n1', report(['web']), 5_000);
  expect(served.nodes()).toEqual([]);
  expect(names()).toEqual(['web']);
});

test('Snapshot serves pods while their node’s own usage is not there yet', () => {
  const { snapshot, names, served } = cluster();
  snapshot.put('n1', { ...report(['web']), node: undefined }, 5_000);
  expect(served.node('n1')).toBe('no-metrics');
  expect(names()).toEqual(['web']);
});

test('Snapshot keeps a silent node for as long as it was told and loses only that one', () => {
  const { snapshot, clock, names, served } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  clock.ms += 10_000;
  snapshot.put('n2', report(['far']), 15_000);
  clock.ms += silenceMs - 10_000;
  expect(names()).toEqual(['far', 'web']);
  clock.ms += 1;
  expect(names()).toEqual(['far']);
  expect(served.node('n1')).toBe('no-metrics');
  snapshot.put('n1', report(['web']), 21_000);
  expect(names()).toEqual(['far', 'web']);
});

test('Snapshot.expire() forgets a silent node and keeps the others', () => {
  const { snapshot, clock, served } = cluster();
  snapshot.put('n1', report([]), 5_000);
  clock.ms += silenceMs + 1;
  snapshot.put('n2', report([]), 5_000);
  snapshot.expire();
  expect([served.node('n1'), snapshot.size().nodes]).toEqual(['no-metrics', 1]);
  expect(served.nodes().map(({ name }) => name)).toEqual(['n2']);
});

test('Snapshot.put() takes the place of the last report: what is no longer reported is gone', () => {
  const { snapshot, pods, names } = cluster();
  pods.set(podObject('side', 'n1'));
  snapshot.put('n1', report(['web', 'side']), 5_000);
  snapshot.put('n1', report(['web']), 10_000);
  expect(names()).toEqual(['web']);
});

test('Snapshot.put() never takes a timestamp back', () => {
  const { snapshot, served } = cluster();
  const timestamp = () => served.pods()[0]?.timestampMs;
  snapshot.put('n1', report(['web']), 5_000);
  snapshot.put('n1', report(['web']), 4_000);
  expect(timestamp()).toBe(5_000);
  snapshot.put('n1', report(['web']), 6_000);
  expect(timestamp()).toBe(6_000);
});

test('Snapshot serves the labels as they are now, and makes no run anew for a change that is not kept', () => {
  const { snapshot, pods, nodes, served } = cluster();
  snapshot.put('n1', report(['web']), 5_000);
  const [run] = snapshot.pods('default');
  pods.set(podObject('web', 'n1', { labels: { app: 'web' }, resourceVersion: '99' }));
  expect(snapshot.pods('default')[0]).toBe(run);
  pods.set(podObject('web', 'n1', { labels: { app: 'new' } }));
  nodes.set({ metadata: { name: 'n1', labels: { zone: 'b' } } });
  expect(served.pod('default', 'web')).toMatchObject({ labels: { app: 'new' }, timestampMs: 5_000 });
  expect(served.node('n1')).toMatchObject({ labels: { zone: 'b' } });
});

test('Snapshot takes what a node has said of a pod before the watch told of it', () => {
  const { snapshot, pods, names } = cluster();
  snapshot.put('n1', report(['web', 'new']), 5_000);
  pods.set(podObject('new', '', {}, 'Pending'));
  expect(names()).toEqual(['web']);
  pods.set(podObject('new', 'n1', {}, 'Pending'));
  expect(names()).toEqual(['web']);
  pods.set(podObject('new', 'n1'));
  expect(names()).toEqual(['new', 'web']);
});

test('Snapshot serves swap only where it is wanted, and knows whether anybody counts it', () => {
  const counting = report([], { ...usage, swapBytes: 9 });
  for (const swap of [true, false]) {
    const { snapshot, served, clock } = cluster({ swap });
    snapshot.put('n1', counting, 5_000);
    expect(snapshot.knowsSwap()).toBe(swap);
    expect(served.node('n1')).toMatchObject({ containers: [{ swapBytes: swap ? 9 : undefined }] });
    clock.ms += silenceMs + 1;
    snapshot.expire();
    expect(snapshot.knowsSwap()).toBe(false);
  }
});

test('Snapshot.size() counts what is held of nodes, pods and containers', () => {
  const { snapshot, pods } = cluster();
  snapshot.put('n1', report(['web', 'foreign']), 5_000);
  expect(snapshot.size()).toEqual({ nodes: 1, pods: 1, containers: 1 });
  pods.remove(podObject('web', 'n1'));
  expect(snapshot.size()).toEqual({ nodes: 1, pods: 0, containers: 0 });
});

test('Snapshot lists in order of namespace and name', () => {
  const { snapshot, pods, nodes, served } = cluster();
  pods.replace([podObject('b', 'n1'), podObject('a', 'n2'), podObject('z', 'n1', { namespace: 'a' })]);
  nodes.replace([{ metadata: { name: 'n2' } }, { metadata: { name: 'n1' } }]);
  const first = report(['b']);
  const z = { ...first.pods[0], namespace: 'a', name: 'z', uid: 'z-uid' } as CheckedReport['pods'][number];
  snapshot.put('n2', report(['a']), 1);
  snapshot.put('n1', { ...first, pods: [...first.pods, z] }, 1);
  expect(served.pods().map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
    'a/z',
    'default/a',
    'default/b',
  ]);
  expect(served.nodes().map(({ name }) => name)).toEqual(['n1', 'n2']);
});
