import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { type FixtureCluster, startCluster } from './fixture-cluster.ts';
import { type KubeObject, Reflector, type ReflectorDeps, type ReflectorOptions } from './reflector.ts';

const pod = (name: string, phase = 'Running') => ({
  metadata: { namespace: 'default', name },
  status: { phase },
});

/** Follows pods, and keeps the names it was told and every call it was told them by. */
function follow(
  client: ReflectorDeps<KubeObject>['client'],
  options: Partial<ReflectorOptions<KubeObject>> = {},
) {
  const { log, lines } = keptLog();
  const names = new Set<string>();
  const told: string[] = [];
  const target = {
    replace(objects: readonly KubeObject[]) {
      names.clear();
      for (const { metadata } of objects) names.add(metadata.name);
      told.push(`replace ${objects.length}`);
    },
    set({ metadata }: KubeObject) {
      names.add(metadata.name);
      told.push(`set ${metadata.name}`);
    },
    remove({ metadata }: KubeObject) {
      names.delete(metadata.name);
      told.push(`remove ${metadata.name}`);
    },
  };
  const urls: string[] = [];
  const seen: (string | undefined)[] = [];
  const noting: typeof client = {
    get(path, signal) {
      urls.push(path);
      return client.get(path, signal);
    },
    async *watch(path, longestMs, signal) {
      urls.push(path);
      for await (const event of client.watch(path, longestMs, signal)) {
        const { object } = event as { object: KubeObject };
        seen.push(object.metadata?.resourceVersion);
        yield event;
      }
    },
  };
  const stop = new AbortController();
  const reflector = new Reflector(
    { client: noting, target, log },
    { path: '/api/v1/pods', query: {}, pageSize: 1_000, retryMs: 20, ...options },
  );
  const ended = reflector.run(stop.signal);
  return {
    ...{ reflector, names, told, lines, seen, stop, ended },
    lists: () => urls.filter((url) => !url.includes('watch=true')),
    watches: () => urls.filter((url) => url.includes('watch=true')),
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}

const version = (url: string | undefined) =>
  new URL(url ?? '', 'https://x').searchParams.get('resourceVersion');
const createPods = ({ apiserver }: FixtureCluster, names: readonly string[]) => {
  for (const name of names) apiserver.store.create('pods', pod(name));
};

test('Reflector lists in pages and then follows each change, through its selector', async () => {
  await using cluster = await startCluster();
  createPods(cluster, ['a', 'b', 'c', 'd', 'e']);
  cluster.apiserver.store.create('pods', pod('finished', 'Succeeded'));
  const query = { fieldSelector: 'status.phase!=Succeeded,status.phase!=Failed' };
  await using followed = follow(cluster.client, { pageSize: 2, query });
  await followed.reflector.synced;
  expect(followed.told).toEqual(['replace 5']);
  expect(followed.lists()).toHaveLength(3);
  await eventually(() => expect(followed.watches()).toHaveLength(1));
  cluster.apiserver.store.create('pods', pod('f'));
  cluster.apiserver.store.update('pods', pod('a', 'Failed'));
  cluster.apiserver.store.delete('pods', 'b', 'default');
  await eventually(() => expect([...followed.names]).toEqual(['c', 'd', 'e', 'f']));
  expect(followed.told.slice(1)).toEqual(['set f', 'remove a', 'remove b']);
});

test('Reflector goes on from the last bookmark after a cut, without listing again', async () => {
  await using cluster = await startCluster({ bookmarkIntervalMs: 10 });
  await using followed = follow(cluster.client);
  await eventually(() => expect(followed.watches()).toHaveLength(1));
  for (const name of ['n1', 'n2']) cluster.apiserver.store.create('nodes', { metadata: { name } });
  const moved = cluster.apiserver.store.resourceVersion();
  await eventually(() => expect(followed.seen).toContain(String(moved)));
  // A watch from before the nodes would now be answered with 410.
  cluster.apiserver.store.compact();
  await cluster.cut();
  await cluster.mend();
  await eventually(() => expect(version(followed.watches().at(-1))).toBe(String(moved)));
  createPods(cluster, ['late']);
  await eventually(() => expect([...followed.names]).toEqual(['late']));
  expect(followed.lists()).toHaveLength(1);
});

test('Reflector lists again when the API server has forgotten its point, and replaces what it has', async () => {
  await using cluster = await startCluster();
  createPods(cluster, ['a', 'b']);
  await using followed = follow(cluster.client);
  await eventually(() => expect(followed.watches()).toHaveLength(1));
  await cluster.cut();
  cluster.apiserver.store.delete('pods', 'a', 'default');
  createPods(cluster, ['c']);
  cluster.apiserver.store.compact();
  await cluster.mend();
  await eventually(() => expect([...followed.names]).toEqual(['b', 'c']));
  expect(followed.told).toEqual(['replace 2', 'replace 2']);
});

test('Reflector keeps what it has while the API server is away, says so once, and catches up', async () => {
  await using cluster = await startCluster();
  createPods(cluster, ['a']);
  await using followed = follow(cluster.client);
  await eventually(() => expect(followed.watches()).toHaveLength(1));
  await cluster.cut();
  await eventually(() => expect(followed.watches().length).toBeGreaterThan(4));
  expect([...followed.names]).toEqual(['a']);
  expect(followed.lines.length).toBeLessThanOrEqual(2);
  expect(followed.lines.at(-1)).toMatchObject({
    level: 40,
    path: '/api/v1/pods',
    reason: expect.stringMatching(/aborted|ECONNRESET|ECONNREFUSED|hang up/),
  });
  createPods(cluster, ['b']);
  await cluster.mend();
  await eventually(() => expect([...followed.names]).toEqual(['a', 'b']));
});

test('Reflector that may not list says why and is not in step', async () => {
  await using cluster = await startCluster({ authorize: () => false });
  await using followed = follow(cluster.client);
  await eventually(() => expect(followed.lists().length).toBeGreaterThan(1));
  expect(followed.lines).toMatchObject([{ reason: expect.stringMatching(/403: pods is forbidden/) }]);
  expect(await Promise.race([followed.reflector.synced.then(() => 'synced'), sleep(1, 'not yet')])).toBe(
    'not yet',
  );
});

test('Reflector.run() ends at once when told so', async () => {
  await using cluster = await startCluster();
  const followed = follow(cluster.client, { retryMs: 60_000 });
  await eventually(() => expect(followed.watches()).toHaveLength(1));
  followed.stop.abort();
  await followed.ended;
  expect(followed.lines).toEqual([]);
});

/** Lists one pod at version 7; each watch gives the next events and ends. */
function scripted(...watches: readonly (readonly object[])[]) {
  const rest = [...watches];
  return {
    get: async () => ({ metadata: { resourceVersion: '7' }, items: [pod('a')] }),
    async *watch(_path: string, _longestMs: number, signal: AbortSignal) {
      const events = rest.shift();
      if (events === undefined) await sleep(60_000, undefined, { signal });
      yield* events ?? [];
    },
  };
}

test('Reflector does not hurry when each watch ends at once', async () => {
  const empty = Array.from({ length: 500 }, () => []);
  const begin = performance.now();
  await using followed = follow(scripted(...empty), { retryMs: 50 });
  await eventually(() => expect(followed.watches().length).toBeGreaterThan(2));
  expect(followed.watches().length).toBeLessThanOrEqual(2 + (performance.now() - begin) / 49);
});

test('Reflector lists again after an error that would only repeat itself: a version of the future', async () => {
  const tooLarge = { kind: 'Status', code: 504, message: 'Too large resource version: 7, current: 3' };
  await using followed = follow(scripted([{ type: 'ERROR', object: tooLarge }]));
  await eventually(() => expect(followed.told).toEqual(['replace 1', 'replace 1']));
  expect(followed.lines).toMatchObject([
    { reason: expect.stringMatching(/504: .*Too large resource version/) },
  ]);
});

test('Reflector does not list again when it is told to slow down', async () => {
  const slow = { kind: 'Status', code: 429, message: 'too many requests' };
  await using followed = follow(scripted([{ type: 'ERROR', object: slow }]));
  await eventually(() => expect(followed.watches()).toHaveLength(2));
  expect(followed.told).toEqual(['replace 1']);
});

test('Reflector takes a bookmark for a version and nothing else', async () => {
  const bookmark = { type: 'BOOKMARK', object: { kind: 'Pod', metadata: { resourceVersion: '99' } } };
  await using followed = follow(scripted([bookmark]));
  await eventually(() => expect(followed.watches().map(version)).toEqual(['7', '99']));
  expect(followed.told).toEqual(['replace 1']);
});

test('Reflector.run() tells only the part that is kept, of lists and of events', async () => {
  await using cluster = await startCluster();
  cluster.apiserver.store.create('pods', { ...pod('a'), spec: { nodeName: 'n1' } });
  const told: KubeObject[] = [];
  const target = {
    replace: (objects: readonly KubeObject[]) => void told.push(...objects),
    set: (object: KubeObject) => void told.push(object),
    remove: (object: KubeObject) => void told.push(object),
  };
  const stop = new AbortController();
  const { log } = keptLog();
  const reflector = new Reflector(
    { client: cluster.client, target, log },
    {
      path: '/api/v1/pods',
      query: {},
      pageSize: 1,
      part: ({ metadata: { name } }) => ({ metadata: { name } }),
    },
  );
  const ended = reflector.run(stop.signal);
  await reflector.synced;
  cluster.apiserver.store.create('pods', pod('b'));
  await eventually(() => expect(told).toHaveLength(2));
  cluster.apiserver.store.delete('pods', 'b', 'default');
  await eventually(() => expect(told).toHaveLength(3));
  stop.abort();
  await ended;
  expect(told).toEqual(['a', 'b', 'b'].map((name) => ({ metadata: { name } })));
});
