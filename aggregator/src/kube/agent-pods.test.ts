import { expect, test } from 'vitest';
import { type AgentPodObject, AgentPods } from './agent-pods.ts';

const created = '2026-01-01T00:00:00Z';

interface Difference {
  readonly metadata?: Partial<AgentPodObject['metadata']>;
  readonly spec?: AgentPodObject['spec'];
  readonly status?: AgentPodObject['status'];
}

/** A pod of the agent on this node, as it runs. */
function pod(uid: string, nodeName: string, { metadata, spec, status }: Difference = {}): AgentPodObject {
  return {
    metadata: {
      namespace: 'tacho',
      name: `tacho-agent-${uid}`,
      uid,
      creationTimestamp: created,
      ...metadata,
    },
    spec: spec ?? { nodeName, serviceAccountName: 'tacho-agent' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }], ...status },
  };
}

function podsOf(...objects: AgentPodObject[]): AgentPods {
  const pods = new AgentPods('system:serviceaccount:tacho:tacho-agent');
  pods.replace(objects);
  return pods;
}

const leaving = { metadata: { deletionTimestamp: created } };
const later = { metadata: { creationTimestamp: '2026-01-01T00:00:01Z' } };

test('AgentPods.nodes() has the nodes whose agent runs', () => {
  const pods = podsOf(
    pod('a', 'n1'),
    pod('b', 'n2'),
    pod('c', 'n3', { status: { phase: 'Running', conditions: [] } }),
  );
  expect([...pods.nodes()]).toEqual(['n1', 'n2', 'n3']);
  pods.remove(pod('b', 'n2'));
  pods.set(pod('d', 'n4'));
  expect([...pods.nodes()]).toEqual(['n1', 'n3', 'n4']);
  pods.replace([pod('d', 'n4')]);
  expect([...pods.nodes()]).toEqual(['n4']);
});

test.each<[string, Difference]>([
  ['another namespace', { metadata: { namespace: 'default' } }],
  ['another service account', { spec: { nodeName: 'n1', serviceAccountName: 'tacho-aggregator' } }],
  ['no node yet', { spec: { serviceAccountName: 'tacho-agent' } }],
  ['the phase Pending', { status: { phase: 'Pending' } }],
  ['a deletion under way', leaving],
  ['a node that has fallen silent', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }],
])('AgentPods.nodes() leaves out a pod with %s', (_, difference) => {
  expect([...podsOf(pod('a', 'n1', difference)).nodes()]).toEqual([]);
});

test('AgentPods.nodes() has a node once while its agent is being replaced', () => {
  expect([...podsOf(pod('old', 'n1', leaving), pod('new', 'n1', later)).nodes()]).toEqual(['n1']);
});

test.each<[string, Difference, Difference, boolean]>([
  ['made earlier', {}, later, true],
  ['made later', later, {}, false],
  ['made in the same second', {}, {}, false],
  ['terminating beside one that is not', leaving, {}, true],
  ['terminating though made later', { metadata: { ...later.metadata, ...leaving.metadata } }, {}, true],
  ['beside one that is terminating', {}, leaving, false],
  ['of unknown age', { metadata: { creationTimestamp: 'yesterday' } }, later, false],
])('AgentPods.isOutdatedBy() of a pod %s', (_, one, other, outdated) => {
  expect(podsOf(pod('one', 'n1', one), pod('other', 'n1', other)).isOutdatedBy('one', 'other')).toBe(
    outdated,
  );
});

test('AgentPods.isOutdatedBy() is false while the watch does not know both', () => {
  const pods = podsOf(pod('one', 'n1'), pod('other', 'n1', later));
  expect(pods.isOutdatedBy('one', 'unknown')).toBe(false);
  expect(pods.isOutdatedBy('unknown', 'other')).toBe(false);
  expect(pods.isOutdatedBy(undefined, 'other')).toBe(false);
  pods.remove(pod('other', 'n1'));
  expect(pods.isOutdatedBy('one', 'other')).toBe(false);
});

test('AgentPods.find() tells where a pod is, that it is gone, or that the watch has never told of it', () => {
  const pods = podsOf(pod('a', 'n1'), pod('b', 'n2'));
  expect(pods.find('a')).toMatchObject({ name: 'tacho-agent-a', nodeName: 'n1' });
  pods.remove(pod('a', 'n1'));
  pods.remove(pod('never', 'n1'));
  expect([pods.find('a'), pods.find('never')]).toEqual(['gone', undefined]);
  pods.replace([pod('c', 'n3')]);
  expect([pods.find('a'), pods.find('b'), pods.find('c')]).toMatchObject([
    'gone',
    'gone',
    { nodeName: 'n3' },
  ]);
  pods.set(pod('b', 'n2'));
  expect(pods.find('b')).toMatchObject({ nodeName: 'n2' });
});

test('AgentPods.find() calls a pod gone whose name another pod has', () => {
  const name = { metadata: { name: 'tacho-agent-0' } };
  const pods = podsOf(pod('first', 'n1', name));
  pods.set(pod('second', 'n1', name));
  pods.remove(pod('first', 'n1', name));
  expect([pods.find('first'), pods.find('second')]).toMatchObject(['gone', { nodeName: 'n1' }]);
});

test('AgentPods.find() remembers the last 10,000 pods that are gone', () => {
  const pods = podsOf();
  for (let index = 0; index <= 10_000; index += 1) {
    pods.set(pod(`u${index}`, 'n1'));
    pods.remove(pod(`u${index}`, 'n1'));
  }
  expect([pods.find('u0'), pods.find('u1'), pods.find('u10000')]).toEqual([undefined, 'gone', 'gone']);
});

test('AgentPods.starting() has the nodes whose agent may yet run: neither terminating nor running and ready', () => {
  const unready = { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } };
  const pods = podsOf(
    pod('a', 'n1'),
    pod('b', 'n2', { status: { phase: 'Pending' } }),
    pod('c', 'n3', unready),
    pod('d', 'n4', { ...leaving, status: { phase: 'Pending' } }),
  );
  expect([...pods.starting()]).toEqual(['n2', 'n3']);
});

test('AgentPods of no account has no pods', () => {
  const pods = new AgentPods(undefined);
  pods.replace([pod('a', 'n1')]);
  expect(pods.find('a')).toBeUndefined();
});
