import { describe, expect, test } from 'vitest';
import { podObject } from '../../snapshot/fixture-snapshot.ts';
import { watchedCluster } from './fixture-watch.ts';
import { WatchLagging } from './watch-stream.ts';

const pods = 'v1/pods?watch=true';

/** A cluster with so many pods on n1 that the events of all of them are several pieces. */
function crowded(count: number, bounds?: Parameters<typeof watchedCluster>[0]) {
  const watched = watchedCluster(bounds);
  const names = Array.from({ length: count }, (_, index) => `pod-${String(index).padStart(4, '0')}`);
  for (const name of names) watched.pods.set(podObject(name, 'n1'));
  const reportAll = () => watched.reportNode('n1', 'web', ...names);
  reportAll();
  return { ...watched, names, reportAll };
}

test('pieces hold whole events and at most 64 KiB', async () => {
  const { open } = crowded(500);
  const watch = open(pods);
  const first = await watch.piece();
  expect(first?.subarray(-3).toString()).toBe('}}\n');
  expect((await watch.told()).length).toBeGreaterThan(0);
  expect(watch.pieceBytes.length).toBeGreaterThan(2);
  expect(Math.max(...watch.pieceBytes)).toBeLessThanOrEqual(64 * 1024);
  expect(Math.max(...watch.pieceBytes)).toBeGreaterThan(60 * 1024);
});

test('an object that grows while a piece waits is told whole', async () => {
  const { open, names, pods: podObjects } = crowded(500);
  const watch = open(pods);
  await watch.piece();
  const labels = Object.fromEntries(names.map((name) => [`${name}-label`, 'x'.repeat(60)]));
  for (const name of names) podObjects.set(podObject(name, 'n1', { labels }));
  const events = await watch.events();
  expect(new Set(events.map(({ object }) => object.metadata.name)).size).toBeGreaterThan(490);
});

test.each([
  ['the initial events', false],
  ['changes', true],
])('a watch that is ended amid %s says no bookmark', async (_, isCaughtUp) => {
  const { open, reportAll } = crowded(500);
  const watch = open(`${pods}&allowWatchBookmarks=true`);
  if (isCaughtUp) {
    await watch.told();
    reportAll();
  }
  await watch.piece();
  watch.end();
  expect(await watch.told()).toEqual([]);
  expect(watch.ended).toBe(true);
});

describe('a slow reader', () => {
  test('costs one change for each object, however often it changes', async () => {
    const { open, watches, clock, reportAll } = crowded(500);
    const watch = open(pods);
    await watch.told();
    for (let report = 0; report < 20; report += 1) {
      clock.ms += 100;
      reportAll();
    }
    expect(watches.pending).toBe(501);
    expect(new Set(await watch.told()).size).toBe(501);
    expect(watches.pending).toBe(0);
  });

  test('is told first what leaves, so that nothing is lost when the connection breaks', async () => {
    const { open, pods: podObjects, reportAll } = crowded(500);
    const watch = open(pods);
    await watch.told();
    reportAll();
    await watch.piece();
    podObjects.remove(podObject('far', 'n2'));
    podObjects.remove(podObject('pod-0499', 'n1'));
    const told = await watch.told();
    // One event had been taken from among the others by then.
    expect(told.slice(1, 3)).toEqual(['DELETED far', 'DELETED pod-0499']);
    expect(told.filter((each) => each.startsWith('DELETED'))).toHaveLength(2);
  });

  test('is dropped when it is 30 s behind', async () => {
    const { open, watches, clock, reportAll } = crowded(500);
    const watch = open(pods);
    await watch.told();
    reportAll();
    await watch.piece();
    clock.ms += 30_000;
    await watch.piece();
    clock.ms += 1;
    await expect(watch.bytes()).rejects.toThrow(WatchLagging);
    expect([watches.open, watches.pending]).toEqual([0, 0]);
  });

  test('may take its time for the initial events', async () => {
    const { open, clock, reportAll } = crowded(500);
    const watch = open(pods);
    await watch.piece();
    reportAll();
    clock.ms += 600_000;
    const told = await watch.told();
    expect(told.filter((each) => each.startsWith('ADDED')).length).toBeGreaterThan(300);
  });

  test('is dropped when too many changes wait, and only the slowest', async () => {
    const { open, watches, reportAll, reportNode } = crowded(500, { watches: { pending: 600 } });
    const slow = open(pods);
    await slow.told();
    const quick = open(`${pods}&fieldSelector=metadata.name%3Dweb`);
    await quick.told();
    const another = open(pods);
    await another.told();
    reportAll();
    expect(watches.pending).toBeLessThanOrEqual(600);
    expect(await quick.told()).toEqual(['MODIFIED web']);
    const outcomes = await Promise.allSettled([slow.told(), another.told()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    reportNode('n1', 'web');
    expect(await quick.told()).toEqual(['MODIFIED web']);
  });
});

describe('too many watches', () => {
  test('are refused with a time to wait, and counted, until one has ended', async () => {
    const { ask, open, refused } = watchedCluster({ watches: { watches: 2 } });
    const [first, second] = [open(pods), open('v1/nodes?watch=true')];
    await Promise.all([first.told(), second.told()]);
    const { status, headers, body } = ask(pods);
    expect(status).toBe(429);
    expect(headers['Retry-After']).toBe('5');
    expect(JSON.parse(String(body))).toMatchObject({
      ...{ reason: 'TooManyRequests', details: { retryAfterSeconds: 5 }, code: 429 },
      message: 'too many watches at once: at most 2 are served',
    });
    expect(refused).toHaveLength(1);
    first.end();
    await first.told();
    expect(ask(pods).status).toBe(200);
  });
});
