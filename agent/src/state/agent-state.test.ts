import { hostFileCalls } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import type { ReplicaStatus } from '../../../push/src/replicas.ts';
import { rfc3339 } from '../debug/counter-points.ts';
import type { NotReported, PodName } from '../pods/not-reported.ts';
import { FixtureNode, second, windowUsec } from '../sampling/fixture-node.ts';
import { PodCgroups } from '../sampling/pod-cgroups.ts';
import { AgentState } from './agent-state.ts';
import { KernelTexts } from './kernel-texts.ts';

/** A node with streams, and what its agent says of itself. */
function shownAgent(notReported: readonly NotReported[] = [], problem?: string) {
  const node = new FixtureNode();
  const monotonicUsec = () => node.nowUsec;
  const podCgroups = new PodCgroups({ tree: node.tree, monotonicUsec });
  const streams: ReplicaStatus[] = [];
  /** Of which pod it was asked what is not reported; undefined: of all. */
  const asked: (PodName | undefined)[] = [];
  const replicas = { state: () => streams };
  const latest: { report: ReturnType<typeof node.tick>['report'] | undefined } = { report: undefined };
  const state = new AgentState({
    ...{ sampler: node.sampler, podCgroups, latest, replicas },
    ...{ agentVersion: '1.2.3', nodeName: 'node-1', cgroupMode: 'v2' },
    ...{ bootedAtMs: 0, memoryTotalBytes: 2 ** 34, madeAtMs: () => undefined },
    periodUsec: () => 5 * second,
    windowUsec: () => windowUsec,
    names: {
      problem,
      notReported: (pod?: PodName) => {
        asked.push(pod);
        return notReported;
      },
    },
    kernelTexts: new KernelTexts({ calls: hostFileCalls, monotonicUsec, timeOf: rfc3339 }),
    clocks: () => ({ monotonicUsec: node.nowUsec, wallMs: node.wallMs }),
  });
  const tick = () => {
    const { report } = node.tick();
    latest.report = report;
    return report;
  };
  return { node, streams, asked, state, tick };
}

const at = (wallSecond: number) => `2026-01-01T00:00:0${wallSecond}.000Z`;

test('AgentState.state() says which report went to which replica when, and what the replica answered', () => {
  const { node, streams, state, tick } = shownAgent();
  node.place({ id: 'a1', pod: 'web' });
  tick();
  node.advance(5);
  const { sampleMonotonicUsec: sampledAtUsec } = tick();
  const stream = {
    address: '10.0.0.1:10251',
    connected: true,
    sinceUsec: node.nowUsec,
    lastError: undefined,
  };
  node.advance(1);
  const directive = { periodUsec: 5 * second, windowUsec, peers: ['10.0.0.1:10251'] };
  streams.push({
    ...stream,
    sent: { sampledAtUsec, atUsec: node.nowUsec, reports: 2 },
    heard: { atUsec: node.nowUsec, directive },
  });
  streams.push({ ...stream, connected: false, lastError: 'refused', sent: undefined, heard: undefined });
  expect(state.state({})).toMatchObject({
    time: at(6),
    report: { sampledAt: at(5), pods: 1, containers: 1 },
    replicas: [
      {
        ...{ connected: true, since: at(5), sent: { sampledAt: at(5), at: at(6), reports: 2 } },
        answered: { at: at(6), periodUsec: 5 * second, windowUsec, peers: 1 },
      },
      { connected: false, since: at(5), lastError: 'refused' },
    ],
  });
  expect(state.state({}).replicas[1]).not.toHaveProperty('sent');
});

test('AgentState.state() says of the node why it is not reported, whatever else is not', () => {
  const { state, tick } = shownAgent([
    { code: 'no-cgroup', sentence: 'ended', namespace: 'default', pod: 'job', container: 'init' },
  ]);
  tick();
  const { notReported } = state.state({});
  expect(notReported.map(({ what, code }) => [what, code])).toEqual([
    ['node', 'first'],
    ['container', 'no-cgroup'],
  ]);
});

test('AgentState.state() has each thing once that is not reported, with the most that is known of it', () => {
  const path = '/kubepods/podweb-uid/pause';
  const { node, state, tick } = shownAgent([
    { code: 'sandbox', sentence: 'the sandbox', cgroupPath: path, containerId: 'pause' },
    { code: 'no-cgroup', sentence: 'ended', namespace: 'default', pod: 'job', container: 'main' },
    { code: 'link-cut', sentence: 'cut' },
  ]);
  node.place({ id: 'pause', pod: 'web', named: false });
  tick();
  node.advance(5);
  tick();
  const sandbox = {
    cgroupPath: path,
    containerId: 'pause',
    podUid: 'web-uid',
    code: 'sandbox',
    sentence: 'the sandbox',
  };
  expect(state.state({})).toMatchObject({ unnamed: [sandbox] });
  expect(state.state({}).notReported).toEqual([
    { what: 'cgroup', ...sandbox },
    {
      what: 'container',
      code: 'no-cgroup',
      sentence: 'ended',
      namespace: 'default',
      pod: 'job',
      container: 'main',
    },
    { what: 'names', code: 'link-cut', sentence: 'cut' },
  ]);
});

test('AgentState.pod() says why a container is not read whose name is known', () => {
  const path = '/kubepods/podweb-uid/b2';
  const named = { namespace: 'default', pod: 'web', container: 'side', cgroupPath: path, containerId: 'b2' };
  const { node, state, tick } = shownAgent([{ code: 'empty-cgroup', sentence: 'no process', ...named }]);
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'b2', pod: 'web', named: false });
  tick();
  node.advance(5);
  tick();
  const why = { what: 'container', code: 'empty-cgroup', sentence: 'no process', ...named };
  expect(state.pod('default', 'web')).toMatchObject({ notReported: [why] });
  expect(state.state({}).notReported).toEqual([why]);
});

test('AgentState.state() does not call a container that is reported missing, though its processes have just ended', () => {
  const { node, state, tick } = shownAgent([
    { code: 'empty-cgroup', sentence: 'ended', cgroupPath: '/kubepods/podweb-uid/a1', pod: 'web' },
    { code: 'empty-cgroup', sentence: 'gVisor', cgroupPath: '/kubepods/podrun-uid/b1', pod: 'run' },
  ]);
  node.place({ id: 'a1', pod: 'web' });
  tick();
  node.advance(5);
  tick();
  expect(state.state({}).pods).toMatchObject([{ containers: [{ cgroupPath: '/kubepods/podweb-uid/a1' }] }]);
  expect(state.state({}).notReported.map(({ pod }) => pod)).toEqual(['run']);
});

test('AgentState.pod() has one pod with its own reasons only, and asks for no others', () => {
  const { node, asked, state, tick } = shownAgent();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'b1', pod: 'db' });
  tick();
  const detail = state.pod('default', 'db');
  expect(detail).toMatchObject({
    node: { name: 'node-1', cgroupMode: 'v2' },
    pods: [{ name: 'db', containers: [{ name: 'app', why: 'first', kernelFiles: [] }] }],
    notReported: [{ what: 'container', pod: 'db', code: 'first', mend: expect.any(String) }],
  });
  expect(detail).not.toHaveProperty('unnamed');
  expect(asked).toEqual([{ namespace: 'default', name: 'db' }]);
});

test.each([
  ['job', undefined, 'no-cgroup'],
  ['other', undefined, 'unknown-pod'],
  ['other', 'cannot list /logs: EACCES', 'names-unreadable'],
])('AgentState.pod() says why pod %s is not there (%s): %s', (pod, problem, code) => {
  const missing = { code: 'no-cgroup', sentence: 'ended', namespace: 'default', pod: 'job' } as const;
  const { state, tick } = shownAgent([missing], problem);
  tick();
  const { error, sentence, ...answer } = state.pod('default', pod) as { error: string; sentence: string };
  expect(answer).toMatchObject({ code });
  expect(error).toBe(`no pod default/${pod}: ${sentence}`);
});
