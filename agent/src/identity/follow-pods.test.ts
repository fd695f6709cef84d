import { once } from 'node:events';
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import {
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { ApiNames } from './api-names.ts';
import { followPods } from './follow-pods.ts';

const username = 'system:serviceaccount:tacho:tacho-agent';
const id = (digit: string) => digit.repeat(64);
const pod = (name: string, nodeName: string, digit: string) => ({
  metadata: { name, namespace: 'default' },
  spec: { nodeName, containers: [{ name: 'app' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        ...{ name: 'app', containerID: `containerd://${id(digit)}`, restartCount: 0 },
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  },
});

let apiserver: StandInKubeApiserver;
let mayListPods = true;
let folder = '';
let way: Server;
const sockets = new Set<Socket>();
let names: ApiNames;
let ending: AbortController;
let following: Promise<void>;
let said: string[] = [];

beforeEach(async () => {
  mayListPods = true;
  apiserver = await startKubeApiserver({
    authorize: ({ user, verb, resource }) =>
      mayListPods &&
      user.username === username &&
      resource?.resource === 'pods' &&
      /^(?:list|watch)$/.test(verb),
  });
  way = createServer((near) => {
    const far = connect(Number(new URL(apiserver.url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  way.listen(0, '127.0.0.1');
  await once(way, 'listening');
  folder = mkdtempSync(join(tmpdir(), 'tacho-identity-'));
  const text = await apiserver.kubeconfig({ token: apiserver.issueToken({ username, groups: [] }) });
  const { port } = way.address() as { port: number };
  writeFileSync(join(folder, 'kubeconfig'), text.replace(apiserver.url, `https://127.0.0.1:${port}`));
  names = new ApiNames();
  ending = new AbortController();
  said = [];
});
afterEach(async () => {
  vi.useRealTimers();
  ending.abort();
  await following;
  for (const socket of sockets) socket.destroy();
  way.close();
  await apiserver.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(): void {
  following = followPods(
    { kubeconfig: join(folder, 'kubeconfig'), nodeName: 'n1' },
    {
      names,
      log: pino({}, { write: (line: string) => void said.push(line) }),
      // All but the longest wait for a list are cut short: what is tested is that it tries again.
      sleep: (ms, signal) => sleep(ms === 20_000 ? ms : 10, undefined, { signal }).catch(() => undefined),
    },
    ending.signal,
  );
}

const ids = () => [...names.all()].map(({ containerId, pod: name }) => `${name} ${containerId[0]}`).sort();
test('followPods() knows the pods of its own node, and follows each that comes, changes and goes', async () => {
  apiserver.store.create('pods', pod('web', 'n1', '1'));
  apiserver.store.create('pods', pod('elsewhere', 'n2', '2'));
  start();
  await eventually(() => expect([ids(), names.problem]).toEqual([['web 1'], undefined]));
  apiserver.store.create('pods', pod('db', 'n1', '3'));
  await eventually(() => expect(ids()).toEqual(['db 3', 'web 1']));
  apiserver.store.update('pods', pod('db', 'n1', '4'));
  await eventually(() => expect(ids()).toEqual(['db 4', 'web 1']));
  apiserver.store.delete('pods', 'web', 'default');
  await eventually(() => expect(ids()).toEqual(['db 4']));
});

test('followPods() says which right is missing, and goes on once it has it', async () => {
  mayListPods = false;
  apiserver.store.create('pods', pod('web', 'n1', '1'));
  start();
  await eventually(() => expect(names.problem).toMatch(/answered 403: .*cannot list resource "pods"/));
  expect(said.join()).not.toMatch(/[Bb]earer/);
  mayListPods = true;
  await eventually(() => expect([ids(), names.problem]).toEqual([['web 1'], undefined]));
});

test('followPods() keeps what it knows while the server is away, and learns what happened meanwhile', async () => {
  apiserver.store.create('pods', pod('web', 'n1', '1'));
  apiserver.store.create('pods', pod('db', 'n1', '2'));
  start();
  await eventually(() => expect(ids()).toEqual(['db 2', 'web 1']));
  const { port } = way.address() as { port: number };
  const closed = once(way, 'close');
  way.close();
  for (const socket of sockets) socket.destroy();
  await closed;
  await eventually(() => expect(names.problem).toMatch(/cannot follow the pods of node n1/));
  expect(ids()).toEqual(['db 2', 'web 1']);
  apiserver.store.delete('pods', 'db', 'default');
  way.listen(port, '127.0.0.1');
  await eventually(() => expect([ids(), names.problem]).toEqual([['web 1'], undefined]));
});

test('followPods() goes on where its token cannot be read for a while', async () => {
  const file = join(folder, 'kubeconfig');
  const token = join(folder, 'token');
  const config = JSON.parse(readFileSync(file, 'utf8')) as { users: { user: Record<string, unknown> }[] };
  const [first] = config.users;
  writeFileSync(token, String(first?.user['token']));
  // As the library has it in a pod.
  if (first) first.user = { 'auth-provider': { name: 'tokenFile', config: { tokenFile: token } } };
  writeFileSync(file, JSON.stringify(config));
  apiserver.store.create('pods', pod('web', 'n1', '1'));
  start();
  await eventually(() => expect([ids(), names.problem]).toEqual([['web 1'], undefined]));
  renameSync(token, `${token}-away`);
  // The library reads the file once a minute.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
  await eventually(() => {
    // Names are there before the watch is.
    for (const socket of sockets) socket.destroy();
    expect(names.problem ?? '').toContain('ENOENT');
  });
  renameSync(`${token}-away`, token);
  apiserver.store.create('pods', pod('db', 'n1', '3'));
  await eventually(() => expect([ids(), names.problem]).toEqual([['db 3', 'web 1'], undefined]));
});

test('followPods() ends its watch when the signal says stop', async () => {
  start();
  await eventually(() => expect(names.problem).toBeUndefined());
  await eventually(() => expect(sockets.size).toBe(4));
  ending.abort();
  await following;
  // The connection of the list is left to end by itself.
  await eventually(() => expect(sockets.size).toBeLessThan(4));
});
