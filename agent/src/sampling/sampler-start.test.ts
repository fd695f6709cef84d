import { expect, test } from 'vitest';
import { FixtureNode, type Placed, second } from './fixture-node.ts';

/** The usage of the one container after a tick; its reason when it has none. */
function outcome(node: FixtureNode) {
  const { report, leftOut } = node.tick();
  return report.pods[0]?.containers[0]?.usage ?? leftOut.find(({ who }) => who !== 'node')?.why;
}

/** Has looked before, so that a container placed now is known to be younger than one look. */
function nodeThatLooked(): FixtureNode {
  const node = new FixtureNode();
  node.tick();
  node.advance(5);
  return node;
}

const young: Placed = { id: 'a1', pod: 'web', age: 4 };

test('Sampler rates a young container from its start at the first reading, also one older than the agent', () => {
  for (const node of [nodeThatLooked(), new FixtureNode()]) {
    node.place(young);
    node.set('a1', { usageSeconds: 2 });
    expect(outcome(node)).toMatchObject({ cpuNanocores: 500_000_000, windowUsec: 4 * second });
  }
});

test('Sampler does not care for the start of a container that is older than the window', () => {
  const node = new FixtureNode();
  node.place({ ...young, age: 11 });
  node.set('a1', { usageSeconds: 2 });
  expect(outcome(node)).toBe('first');
});

test('Sampler does not call a container younger than the shortest window rated', () => {
  const node = nodeThatLooked();
  node.place({ ...young, age: 0.3 });
  expect(outcome(node)).toBe('too-close');
});

test('Sampler puts the start between its two looks when the wall clock was set forward', () => {
  const node = nodeThatLooked();
  node.place({ ...young, age: 86_400 });
  node.set('a1', { usageSeconds: 1 });
  expect(outcome(node)).toMatchObject({ cpuNanocores: 200_000_000, windowUsec: 5 * second });
});

test('Sampler takes no start from its looks for a container that it may have overlooked', () => {
  const node = nodeThatLooked();
  node.place({ ...young, age: 55, foundLate: true });
  node.set('a1', { usageSeconds: 55 });
  expect(outcome(node)).toBe('first');
  node.advance(5, 1);
  expect(outcome(node)).toMatchObject({ cpuNanocores: 1_000_000_000, windowUsec: 5 * second });
});

test('Sampler puts the start no later than its first look when the wall clock was set back', () => {
  const node = nodeThatLooked();
  node.place({ ...young, named: false });
  node.tick();
  node.advance(5, 0.2);
  node.name({ ...young, age: -3600 });
  expect(outcome(node)).toMatchObject({ cpuNanocores: 200_000_000, windowUsec: 5 * second });
});

test('Sampler does not believe a link of the future in a container that is older than the agent', () => {
  const node = new FixtureNode();
  node.place({ ...young, age: -5 });
  expect(outcome(node)).toBe('first');
});

test('Sampler drops a start that the counter contradicts: old container, wall clock set back', () => {
  const node = new FixtureNode();
  node.place({ ...young, age: 1 });
  node.set('a1', { usageSeconds: 3600 });
  expect(outcome(node)).toBe('first');
  node.advance(5, 1);
  expect(outcome(node)).toMatchObject({ cpuNanocores: 1_000_000_000, windowUsec: 5 * second });
});
