import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { podObject, silenceMs } from '../../snapshot/fixture-snapshot.ts';
import { type ReadEvent, watchedCluster } from './fixture-watch.ts';

const pods = 'v1/pods?watch=true';
const from = (revision: number | string) => `${pods}&resourceVersion=${revision}`;

describe('a watch from a resourceVersion', () => {
  test('tells what happened since, and nothing twice', async () => {
    const { open, snapshot, pods: podObjects, reportNode } = watchedCluster();
    const revision = snapshot.revision();
    expect(await open(from(revision)).told()).toEqual([]);
    reportNode('n1', 'web');
    podObjects.remove(podObject('far', 'n2'));
    podObjects.set(podObject('new', 'n2'));
    reportNode('n2', 'new');
    const watch = open(from(revision));
    expect(await watch.told()).toEqual(['DELETED far', 'ADDED new', 'MODIFIED web']);
    reportNode('n1', 'web');
    expect(await watch.told()).toEqual(['MODIFIED web']);
  });

  test('tells who left the selector since', async () => {
    const { open, snapshot, pods: podObjects } = watchedCluster();
    const revision = snapshot.revision();
    podObjects.set(podObject('web', 'n1', { labels: { app: 'other' } }));
    podObjects.set(podObject('far', 'n2', { labels: { app: 'web' } }));
    expect(await open(`${from(revision)}&labelSelector=app%3Dweb`).told()).toEqual([
      'DELETED web',
      'ADDED far',
    ]);
  });

  test('tells a deletion again that came shortly before: the clock of another replica may be ahead', async () => {
    const { open, clock, snapshot, pods: podObjects } = watchedCluster();
    podObjects.remove(podObject('far', 'n2'));
    clock.ms += 5_000;
    expect(await open(from(snapshot.revision())).told()).toEqual(['DELETED far']);
    clock.ms += 60_000;
    expect(await open(from(snapshot.revision())).told()).toEqual([]);
  });

  test('of the future begins now', async () => {
    const { open, reportNode } = watchedCluster();
    const watch = open(from('18446744073709551615'));
    expect(await watch.told()).toEqual([]);
    reportNode('n1', 'web');
    expect(await watch.told()).toEqual(['MODIFIED web']);
  });

  test('begins with everything when initial events are asked for', async () => {
    const { open, snapshot } = watchedCluster();
    const query = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    expect(await open(from(snapshot.revision()) + query).told()).toEqual(['ADDED far', 'ADDED web']);
  });

  test.each([
    ['abc', 'invalid syntax'],
    ['-1', 'invalid syntax'],
    ['18446744073709551616', 'value out of range'],
  ])('%s is refused', (revision, why) => {
    const { ask, watches } = watchedCluster();
    const { status, body } = ask(from(revision));
    expect(status).toBe(422);
    const fault = `Invalid value: "${revision}": strconv.ParseUint: parsing "${revision}": ${why}`;
    expect(JSON.parse(String(body))).toMatchObject({
      ...{ reason: 'Invalid', message: `pods.metrics.k8s.io "" is invalid: resourceVersion: ${fault}` },
      details: { group: 'metrics.k8s.io', kind: 'pods' },
    });
    expect(watches.open).toBe(0);
  });
});

describe('a resourceVersion is too old', () => {
  const expired = (message: string) => [
    {
      type: 'ERROR',
      object: {
        ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message },
        ...{ reason: 'Expired', code: 410 },
      },
    },
  ];

  test('from before this process was whole: one event says so', async () => {
    const { open, history } = watchedCluster();
    const watch = open(from(12));
    expect(await watch.events()).toEqual(
      expired(`too old resource version: 12 (${history.oldestRevision()})`),
    );
    expect(watch.ended).toBe(true);
  });

  test('whatever it is while the snapshot is not whole', async () => {
    const { open, snapshot } = watchedCluster({ begun: false });
    const [event] = await open(from(snapshot.revision())).events();
    expect(event?.type).toBe('ERROR');
  });

  test.each([
    ['many', { transitions: 3, ageMs: 1e9 }, 0],
    ['old', { transitions: 1_000, ageMs: 1_000 }, 2_000],
  ])('when there are too %s transitions since', async (_, history, afterMs) => {
    const { open, clock, snapshot, pods: podObjects } = watchedCluster({ history });
    const revision = snapshot.revision();
    podObjects.remove(podObject('far', 'n2'));
    expect(await open(from(revision)).told()).toEqual(['DELETED far']);
    clock.ms += afterMs;
    for (const app of ['a', 'b', 'c']) podObjects.set(podObject('web', 'n1', { labels: { app } }));
    const [event] = await open(from(revision)).events();
    expect(event?.type).toBe('ERROR');
  });
});

/** What may happen to the cluster. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('report' as const), node: fc.constantFrom('n1', 'n2') }),
  fc.record({
    kind: fc.constant('set' as const),
    name: fc.constantFrom('a', 'b', 'c'),
    node: fc.constantFrom('n1', 'n2'),
    app: fc.constantFrom('web', 'db'),
    uid: fc.nat({ max: 1 }),
    phase: fc.constantFrom('Running', 'Running', 'Succeeded'),
  }),
  fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ kind: fc.constant('silence' as const) }),
  fc.record({ kind: fc.constant('read' as const) }),
  fc.record({ kind: fc.constant('reconnect' as const) }),
);

test('the events of any history, applied to what was there, give what is there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { maxLength: 40 }),
      fc.constantFrom('', '&labelSelector=app%3Dweb'),
      async (history, selector) => {
        const { open, clock, snapshot, served, pods: podObjects, reportNode } = watchedCluster();
        const known = new Map<string, unknown>();
        let last = '';
        const apply = (events: readonly ReadEvent[]) => {
          for (const { type, object } of events) {
            expect(type).toMatch(/^(?:ADDED|MODIFIED|DELETED|BOOKMARK)$/);
            last = object.metadata.resourceVersion ?? '';
            if (type === 'DELETED') known.delete(object.metadata.name ?? '');
            else if (type !== 'BOOKMARK') known.set(object.metadata.name ?? '', object.timestamp);
          }
        };
        const target = `${pods}&allowWatchBookmarks=true${selector}`;
        let watch = open(`${target}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`);
        apply(await watch.events());
        for (const each of history) {
          clock.ms += 1_500;
          if (each.kind === 'report') {
            const there = [...snapshot.pods('default')].flat().map(({ name }) => name);
            reportNode(each.node, ...there);
          } else if (each.kind === 'set') {
            const { name, node, app, uid, phase } = each;
            podObjects.set(podObject(name, node, { labels: { app }, uid: `${name}-uid${uid || ''}` }, phase));
          } else if (each.kind === 'remove') podObjects.remove(podObject(each.name, 'n1'));
          else if (each.kind === 'silence') {
            clock.ms += silenceMs;
            snapshot.expire();
          } else {
            if (each.kind === 'reconnect') watch = open(`${target}&resourceVersion=${last}`);
            apply(await watch.events());
          }
        }
        snapshot.expire();
        apply(await watch.events());
        const wanted = served
          .pods()
          .filter(({ labels }) => selector === '' || labels.app === 'web')
          .map(({ name, timestampMs }) => [name, `${new Date(timestampMs).toISOString().slice(0, -5)}Z`]);
        expect([...known].sort()).toEqual(wanted.sort());
      },
    ),
    { numRuns: 300 },
  );
});
