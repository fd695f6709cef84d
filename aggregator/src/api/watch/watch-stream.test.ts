import { describe, expect, test } from 'vitest';
import { podObject, silenceMs } from '../../snapshot/fixture-snapshot.ts';
import { watchedCluster } from './fixture-watch.ts';

const pods = 'v1/pods?watch=true';
const initial = `${pods}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;

describe('a watch without a resourceVersion', () => {
  test.each([
    [pods, ['ADDED far', 'ADDED web']],
    [`${pods}&resourceVersion=0`, ['ADDED far', 'ADDED web']],
    ['v1beta1/nodes?watch=1', ['ADDED n1', 'ADDED n2']],
    ['v1/namespaces/default/pods?watch', ['ADDED far', 'ADDED web']],
    ['v1/namespaces/other/pods?watch=true', []],
    [`${pods}&labelSelector=app%3Dweb`, ['ADDED web']],
    [`${pods}&fieldSelector=metadata.name%3Dfar`, ['ADDED far']],
    [`${pods}&fieldSelector=metadata.namespace!%3Ddefault`, []],
    [`${pods}&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`, []],
  ])('%s begins with all that is selected', async (target, told) => {
    expect(await watchedCluster().open(target).told()).toEqual(told);
  });

  test('tells changes as they come: MODIFIED, ADDED, DELETED when a pod ends', async () => {
    const { open, pods: podObjects, reportNode } = watchedCluster();
    const watch = open(pods);
    await watch.told();
    reportNode('n1', 'web');
    expect(await watch.told()).toEqual(['MODIFIED web']);
    podObjects.set(podObject('new', 'n1'));
    expect(await watch.told()).toEqual([]);
    reportNode('n1', 'web', 'new');
    expect(await watch.told()).toEqual(['MODIFIED web', 'ADDED new']);
    podObjects.set(podObject('web', 'n1', {}, 'Succeeded'));
    podObjects.remove(podObject('new', 'n1'));
    expect(await watch.told()).toEqual(['DELETED web', 'DELETED new']);
  });

  test('tells DELETED when a node falls silent, and ADDED when it is back', async () => {
    const { open, pass, snapshot, reportNode } = watchedCluster();
    const watch = open('v1/nodes?watch=true&fieldSelector=metadata.name%3Dn1');
    await watch.told();
    await pass(silenceMs + 1);
    snapshot.expire();
    expect(await watch.told()).toEqual(['DELETED n1']);
    reportNode('n1');
    expect(await watch.told()).toEqual(['ADDED n1']);
  });

  test('tells ADDED and DELETED when labels come into the selector and leave it', async () => {
    const { open, pods: podObjects } = watchedCluster();
    const watch = open(`${pods}&labelSelector=app%3Dweb`);
    await watch.told();
    podObjects.set(podObject('far', 'n2', { labels: { app: 'web' } }));
    podObjects.set(podObject('web', 'n1', { labels: { app: 'other' } }));
    expect(await watch.told()).toEqual(['DELETED web', 'ADDED far']);
  });

  test('tells several changes between two reads as one, and none when an object came and went', async () => {
    const { open, pods: podObjects, reportNode } = watchedCluster();
    const watch = open(pods);
    await watch.told();
    reportNode('n1', 'web');
    reportNode('n1', 'web');
    podObjects.set(podObject('brief', 'n2'));
    reportNode('n2', 'far', 'brief');
    podObjects.remove(podObject('brief', 'n2'));
    expect(await watch.told()).toEqual(['MODIFIED web', 'MODIFIED far']);
  });

  test('tells of a pod that took the name of another that the other is gone first', async () => {
    const { open, pods: podObjects, reportNode } = watchedCluster();
    const watch = open(pods);
    await watch.told();
    podObjects.set(podObject('web', 'n1', { uid: 'web-uid-2' }));
    podObjects.set(podObject('web', 'n1'));
    reportNode('n1', 'web');
    expect(await watch.told()).toEqual(['DELETED web', 'ADDED web']);
  });

  test('has resourceVersions that grow with the changes', async () => {
    const { open, reportNode } = watchedCluster();
    const watch = open(pods);
    const before = (await watch.events()).map(({ object }) => Number(object.metadata.resourceVersion));
    reportNode('n2', 'far');
    const [event] = await watch.events();
    expect(Number(event?.object.metadata.resourceVersion)).toBeGreaterThan(Math.max(...before));
  });
});

describe('bookmarks', () => {
  test('end the initial events where they are asked for', async () => {
    const { open, snapshot } = watchedCluster();
    const events = await open(initial).events();
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'ADDED', 'BOOKMARK']);
    const { metadata, ...object } = events[2]?.object ?? { metadata: {} };
    expect(metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(Number(metadata.resourceVersion)).toBeLessThan(snapshot.revision());
    expect(object).toEqual({
      ...{ kind: 'PodMetrics', apiVersion: 'metrics.k8s.io/v1' },
      ...{ timestamp: null, window: '0s', containers: null },
    });
  });

  test('come every minute, and at the end', async () => {
    const { open, pass, timers } = watchedCluster();
    const watch = open(`${pods}&allowWatchBookmarks=true&timeoutSeconds=150`);
    await watch.told();
    await pass(60_000);
    expect(await watch.told()).toEqual(['BOOKMARK']);
    await pass(60_000);
    const [bookmark] = await watch.events();
    expect(bookmark?.object.metadata.annotations).toBeUndefined();
    await pass(30_000);
    expect(await watch.told()).toEqual(['BOOKMARK']);
    expect(watch.ended).toBe(true);
    expect(timers.size).toBe(0);
  });

  test('say a revision from which nothing is missed', async () => {
    const { open, pass, pods: podObjects } = watchedCluster();
    const watch = open(initial);
    await watch.events();
    await pass(60_000);
    const [bookmark] = await watch.events();
    podObjects.remove(podObject('web', 'n1'));
    const later = open(`${pods}&resourceVersion=${bookmark?.object.metadata.resourceVersion}`);
    expect(await later.told()).toEqual(['DELETED web']);
  });

  test('are not sent to whoever has not asked for them', async () => {
    const { open, pass } = watchedCluster();
    const watch = open(pods);
    await watch.told();
    await pass(600_000);
    expect(await watch.told()).toEqual([]);
  });
});

describe('a watch ends', () => {
  test.each([
    ['&timeoutSeconds=10', 10_000],
    ['', 45 * 60_000],
    ['&timeoutSeconds=0', 45 * 60_000],
    ['&timeoutSeconds=-1', 0],
    ['&timeoutSeconds=9000000000', 2 ** 31 - 1],
  ])('%s after its time', async (query, ms) => {
    const { open, pass, watches } = watchedCluster();
    const watch = open(pods + query);
    await watch.told();
    if (ms > 0) await pass(ms - 1);
    await watch.told();
    expect(watch.ended).toBe(false);
    await pass(1);
    await watch.told();
    expect(watch.ended).toBe(true);
    expect(watches.open).toBe(0);
  });

  test('when the server or the client does, and nothing of it is left', async () => {
    const { open, watches, timers, reportNode } = watchedCluster();
    const watch = open(pods);
    await watch.told();
    expect(watches.open).toBe(1);
    watch.end();
    await watch.told();
    expect(watch.ended).toBe(true);
    reportNode('n1', 'web');
    expect([watches.open, watches.pending, timers.size]).toEqual([0, 0, 0]);
  });
});
