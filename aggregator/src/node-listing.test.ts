import { expect, test } from 'vitest';
import { keptLog } from './fixture-log.ts';
import type { Connection } from './ingest/agent-calls.ts';
import type { StreamFacts } from './ingest/agent-stream.ts';
import type { EndedStream } from './ingest/node-records.ts';
import { Refusals } from './ingest/refusals.ts';
import { OpenNodeListing } from './node-listing.ts';
import { cluster, report, silenceMs } from './snapshot/fixture-snapshot.ts';
import { NodeCapacities } from './snapshot/node-capacities.ts';

const epochMs = Date.UTC(2026, 0, 1);
const facts: StreamFacts = {
  greeting: { agentVersion: '0.1.0', cgroupMode: 'v2' },
  lastReport: { arrivedMs: 999_000, sampledMs: 998_900.4, periodMs: 5_000.2 },
  ...{ offsetMs: -10.4, roundTripMs: 1.6 },
};

function listing() {
  const { snapshot, clock } = cluster();
  const refusals = new Refusals(keptLog().log, () => clock.ms);
  const capacities = new NodeCapacities();
  const connections: Connection[] = [];
  const ended = new Map<string, EndedStream>();
  const connect = (node: string, podUid: string) => {
    const talk = { facts: () => facts } as Connection['talk'];
    connections.push({ node, podUid, peer: '10.0.0.1:5', sinceMs: 990_000, talk });
  };
  const wall = { stepMs: 0 };
  const open = new OpenNodeListing({
    config: { version: '0.1.0' },
    directive: () => ({ periodUsec: 5_000_000, windowUsec: 10_000_000 }),
    ...{ snapshot, capacities, refusals, pulling: undefined, isInStep: () => true },
    ingest: () => ({ connections: () => connections, endedStream: (node) => ended.get(node) }),
    monotonicMs: () => clock.ms,
    wallMs: () => epochMs + clock.ms + wall.stepMs,
  });
  return { open, snapshot, clock, refusals, capacities, connect, ended, wall };
}

const at = (ms: number) => new Date(epochMs + ms).toISOString();

test('OpenNodeListing.node() tells of a node that is connected and served all that is known', () => {
  const { open, snapshot, refusals, capacities, connect } = listing();
  capacities.set({ metadata: { name: 'n1' }, status: { capacity: { cpu: '4', memory: '1Gi' } } });
  connect('n1', 'pod-1');
  snapshot.put('n1', report(['web', 'new']), epochMs + 998_900);
  refusals.add('pod that the watch does not know', { node: 'n1' });
  expect(open.node('n1')).toEqual({
    name: 'n1',
    ...{ inCluster: true, connected: true, since: at(990_000), peer: '10.0.0.1:5', source: 'agent' },
    agent: { podUid: 'pod-1', version: '0.1.0', cgroupMode: 'v2', replacedBy: null },
    lastReport: { arrived: at(999_000), ageMs: 1_100, periodMs: 5_000 },
    clock: { offsetMs: -10, roundTripMs: 2 },
    served: { timestamp: at(998_900), node: true, pods: 1, containers: 1 },
    unclaimed: { pods: 1, forLong: 0, first: [{ pod: 'default/new', uid: 'new-uid', forMs: 0 }] },
    refused: [{ reason: 'pod that the watch does not know', class: 'benign', count: 1, last: at(1_000_000) }],
    capacity: { cpuCores: 4, memoryBytes: 2 ** 30 },
  });
});

test('OpenNodeListing.node() tells when a stream ended and what was last known of it', () => {
  const { open, ended } = listing();
  ended.set('n1', { facts, endedMs: 999_500 });
  expect(open.node('n1')).toMatchObject({
    ...{ connected: false, since: at(999_500), peer: null, served: null },
    agent: { podUid: null, version: '0.1.0' },
    lastReport: { ageMs: 1_100 },
  });
  expect(open.node('n2')).toMatchObject({ connected: false, since: null, lastReport: null, refused: [] });
  expect(open.node('never')).toBeUndefined();
});

test('OpenNodeListing.node() has the true age when the aggregator’s wall clock was set back, while timestamps hold', () => {
  const { open, snapshot, connect, wall } = listing();
  connect('n1', 'pod-1');
  snapshot.put('n1', report(['web']), epochMs + 993_900);
  wall.stepMs = -3600_000;
  snapshot.put('n1', report(['web']), epochMs + 998_900 - 3600_000);
  expect(open.node('n1')).toMatchObject({
    lastReport: { ageMs: 1_100, arrived: at(999_000 - 3600_000) },
    served: { timestamp: at(993_900) },
  });
});

test('OpenNodeListing.node() names five unclaimed pods, those that wait longest first, and counts those over a minute', () => {
  const { open, snapshot, clock } = listing();
  snapshot.put('n1', report(['old']), epochMs);
  clock.ms += 61_000;
  snapshot.put('n1', report(['a', 'b', 'c', 'old', 'd', 'e']), epochMs);
  const { unclaimed } = open.node('n1') as { unclaimed: { first: { pod: string; forMs: number }[] } };
  expect(unclaimed).toMatchObject({ pods: 6, forLong: 1 });
  expect(unclaimed.first).toHaveLength(5);
  expect(unclaimed.first[0]).toMatchObject({ pod: 'default/old', forMs: 61_000 });
});

test('OpenNodeListing.node() shows the stream that waits to take over', () => {
  const { open, connect } = listing();
  connect('n1', 'pod-1');
  connect('n1', 'pod-2');
  expect(open.node('n1')).toMatchObject({ agent: { podUid: 'pod-1', replacedBy: 'pod-2' } });
});

test('OpenNodeListing.nodes() has each node of the cluster or with a stream once, by name', () => {
  const { open, connect, snapshot, clock } = listing();
  connect('n0', 'x');
  connect('n1', 'pod-1');
  snapshot.put('n1', report(['web']), epochMs);
  clock.ms += silenceMs + 1;
  expect([...open.nodes()]).toMatchObject([
    { name: 'n0', inCluster: false, connected: true },
    { name: 'n1', inCluster: true, served: null },
    { name: 'n2', inCluster: true, connected: false },
  ]);
  expect(open.replica()).toMatchObject({
    ...{ version: '0.1.0', watchesInStep: true, periodMs: 5_000, windowMs: 10_000, streams: 2, nodes: 2 },
    held: { nodes: 1, pods: 1, containers: 1 },
  });
});
