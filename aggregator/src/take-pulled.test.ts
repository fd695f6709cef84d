import { expect, test } from 'vitest';
import { keptLog } from './fixture-log.ts';
import { Refusals } from './ingest/refusals.ts';
import { PullTries } from './pulling/pull-tries.ts';
import { cluster, report, silenceMs } from './snapshot/fixture-snapshot.ts';
import { NodeCapacities } from './snapshot/node-capacities.ts';
import { takePulled } from './take-pulled.ts';

const periodMs = 5_000;

function taker() {
  const { snapshot, clock, names } = cluster();
  const monotonicMs = () => clock.ms;
  const refusals = new Refusals(keptLog().log, monotonicMs);
  const capacities = new NodeCapacities();
  const tries = new PullTries(monotonicMs);
  const taken = { count: 0 };
  const take = takePulled({
    ...{ snapshot, capacities, refusals, tries, silenceMs, monotonicMs },
    isServed: (node) => node !== 'hidden',
    accepted: () => {
      taken.count += 1;
    },
    periodMs: () => periodMs,
  });
  /** A try of the puller p1 that brought these pods, or nothing. */
  const pull = (node: string, pods?: readonly string[], message?: string) => {
    const unnamed = pods && report(pods).pods.map((pod) => ({ ...pod, uid: '' }));
    take('p1', {
      node,
      report: unnamed && { ...report([]), pods: unnamed },
      sampledAtMs: clock.ms,
      problem: message === undefined ? undefined : { reason: 'hung', message },
    });
  };
  return {
    ...{ snapshot, clock, names, capacities, tries, taken, pull },
    counts: () => Object.fromEntries(refusals.counts().map(({ reason, count }) => [reason, count])),
  };
}

test('takePulled() puts what was pulled into the snapshot, and counts pods that are not this node’s', () => {
  const { pull, names, counts, taken } = taker();
  pull('n1', ['web', 'far', 'new']);
  expect(names()).toEqual(['web']);
  expect(counts()).toEqual({ 'pod that the watch does not know': 2 });
  expect(taken.count).toBe(1);
});

test('takePulled() refuses a report while an agent’s last one is not older than three of its periods', () => {
  const { snapshot, pull, clock, counts } = taker();
  snapshot.put('n1', { ...report(['web']), periodUsec: 7_000_000 }, clock.ms);
  clock.ms += 20_999;
  pull('n1', ['web']);
  expect(counts()).toEqual({ 'pulled report while an agent reports the node': 1 });
  expect(snapshot.latest('n1')?.puller).toBeUndefined();
  clock.ms += 1;
  pull('n1', ['web']);
  expect(snapshot.latest('n1')?.puller).toBe('p1');
});

test('takePulled() serves on what there is after a try without news, not after one that failed', () => {
  const { pull, clock, names, tries } = taker();
  pull('n1', ['web']);
  clock.ms += 10_000;
  pull('n1');
  clock.ms += 10_000;
  pull('n1', undefined, 'did not answer');
  expect(tries.ofNode('n1')).toMatchObject({ problem: { reason: 'hung' }, wellMs: clock.ms - 10_000 });
  expect(names()).toEqual(['web']);
  clock.ms += 5_001;
  expect(names()).toEqual([]);
});

test('takePulled() leaves out what is larger than its machine', () => {
  const { pull, capacities, names, counts } = taker();
  capacities.set({ metadata: { name: 'n1' }, status: { capacity: { memory: '6' } } });
  pull('n1', ['web']);
  expect(names()).toEqual([]);
  expect(counts()).toEqual({
    'node that uses more than it has': 1,
    'pod that uses more than its node has': 1,
  });
});

test('takePulled() notes the try of a node that is not served, and nothing else', () => {
  const { pull, snapshot, tries } = taker();
  pull('hidden', []);
  expect(snapshot.latest('hidden')).toBeUndefined();
  expect(tries.ofNode('hidden')).toMatchObject({ problem: undefined });
});
