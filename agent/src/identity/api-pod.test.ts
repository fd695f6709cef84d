import { expect, test } from 'vitest';
import { type ApiPod, containersOfPod, withoutTheRest } from './api-pod.ts';

const id = (digit: string) => digit.repeat(64);
const startedAt = '2026-01-01T00:00:05Z';
const running = { running: { startedAt } };
const terminated = (digit: string) => ({ terminated: { startedAt, containerID: `cri-o://${id(digit)}` } });
const metadata = { name: 'web-0', namespace: 'default', uid: 'u-api' };

const names = (pod: ApiPod) =>
  containersOfPod(pod).map(
    ({ named, isRunning }) =>
      `${named.containerId[0]} ${named.container}/${named.restartCount} ${isRunning ? 'runs' : 'ended'}`,
  );

test('containersOfPod() has init, ordinary and ephemeral containers', () => {
  const status = {
    initContainerStatuses: [
      { name: 'init', containerID: `containerd://${id('1')}`, restartCount: 0, state: terminated('1') },
      { name: 'sidecar', containerID: `containerd://${id('2')}`, restartCount: 0, state: running },
    ],
    containerStatuses: [
      { name: 'app', containerID: `containerd://${id('3')}`, restartCount: 0, state: running },
    ],
    ephemeralContainerStatuses: [
      { name: 'debugger-1', containerID: `containerd://${id('4')}`, restartCount: 0, state: running },
      { name: 'debugger-2', containerID: `containerd://${id('5')}`, restartCount: 0, state: running },
    ],
  };
  expect(names({ metadata, status })).toEqual([
    '1 init/0 ended',
    '2 sidecar/0 runs',
    '3 app/0 runs',
    '4 debugger-1/0 runs',
    '5 debugger-2/0 runs',
  ]);
});

test('containersOfPod() has the container before a restart too, with one restart less', () => {
  const restarted = { name: 'app', restartCount: 3, containerID: `cri-o://${id('b')}`, state: running };
  expect(
    names({ metadata, status: { containerStatuses: [{ ...restarted, lastState: terminated('a') }] } }),
  ).toEqual(['a app/2 ended', 'b app/3 runs']);
});

test('containersOfPod() has a container in CrashLoopBackOff once, as ended', () => {
  const waiting = { name: 'app', restartCount: 3, containerID: `cri-o://${id('a')}`, state: {} };
  expect(
    names({ metadata, status: { containerStatuses: [{ ...waiting, lastState: terminated('a') }] } }),
  ).toEqual(['a app/3 ended']);
});

test('containersOfPod() gives a static pod the UID of its manifest, by which its cgroup is named', () => {
  const annotations = { 'kubernetes.io/config.mirror': 'hash', 'kubernetes.io/config.hash': 'hash' };
  const status = {
    containerStatuses: [{ name: 'etcd', containerID: `docker://${id('1')}`, state: running }],
  };
  expect(containersOfPod({ metadata: { ...metadata, annotations }, status })).toEqual([
    {
      isRunning: true,
      named: {
        namespace: 'default',
        pod: 'web-0',
        podUid: 'hash',
        container: 'etcd',
        restartCount: 0,
        containerId: id('1'),
        linkedAtMs: Date.parse(startedAt) + 999,
      },
    },
  ]);
});

test.each([
  { what: 'no status', pod: { metadata } },
  { what: 'no metadata', pod: {} },
  { what: 'no ID yet', pod: { metadata, status: { containerStatuses: [{ name: 'app', state: {} }] } } },
  {
    what: 'an ID that is none',
    pod: {
      metadata,
      status: { containerStatuses: [{ name: 'app', containerID: 'docker://abc', state: running }] },
    },
  },
  {
    what: 'no start',
    pod: {
      metadata,
      status: {
        containerStatuses: [
          { name: 'app', containerID: `docker://${id('1')}`, state: { terminated: { startedAt: null } } },
        ],
      },
    },
  },
])('containersOfPod() of a pod with $what is empty', ({ pod }) => expect(containersOfPod(pod)).toEqual([]));

test('withoutTheRest() keeps what names need and nothing else', () => {
  const mirror = { 'kubernetes.io/config.mirror': 'hash' };
  const pod = {
    metadata: {
      ...metadata,
      annotations: { ...mirror, note: 'long' },
      labels: { a: 'b' },
      managedFields: [{}],
    },
    spec: { containers: [{ name: 'app' }] },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          ...{ name: 'app', containerID: `docker://${id('1')}`, image: 'x', restartCount: 1 },
          state: running,
          lastState: { terminated: { startedAt, containerID: `docker://${id('0')}`, message: 'long' } },
        },
      ],
    },
  };
  const kept = withoutTheRest(pod);
  expect(containersOfPod(kept)).toEqual(containersOfPod(pod));
  expect(JSON.stringify(kept)).not.toMatch(/long|labels|managed|image|phase|spec/);
});
