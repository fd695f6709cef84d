import { expect, test } from 'vitest';
import { FixtureNode, second } from './fixture-node.ts';

const usageOf = ({ report }: ReturnType<FixtureNode['tick']>) => report.pods[0]?.containers[0]?.usage;

function nodeWithOne(options: { age?: number } = {}): FixtureNode {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web', ...options });
  node.tick();
  return node;
}

test.each([1, 5])('Sampler shows 1 millicore as 1 millicore at a period of %d s', (period) => {
  const node = nodeWithOne();
  for (let tick = 0; tick < 12; tick += 1) {
    node.advance(period);
    node.set('a1', { usageSeconds: 0, usageNanoseconds: (tick + 1) * period * 1_000_000 });
    node.tick();
  }
  expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 1_000_000, windowUsec: 10 * second });
});

test('Sampler rates over the window, not over the period: at 1 s a burst fades over 10 s', () => {
  const node = nodeWithOne();
  for (let tick = 0; tick < 20; tick += 1) {
    node.advance(1);
    node.tick();
  }
  node.advance(1, 1);
  expect(usageOf(node.tick())?.cpuNanocores).toBe(100_000_000);
  for (let tick = 0; tick < 9; tick += 1) {
    node.advance(1);
    expect(usageOf(node.tick())?.cpuNanocores).toBe(100_000_000);
  }
  node.advance(1);
  expect(usageOf(node.tick())?.cpuNanocores).toBe(0);
});

test('Sampler with a tick that came late reports the longer window that it really covers', () => {
  const node = nodeWithOne();
  node.advance(5, 0.5);
  node.tick();
  node.advance(17, 0.5);
  expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 500_000_000, windowUsec: 17 * second });
});

test('Sampler with a tick that came twice reports the same as before', () => {
  const node = nodeWithOne();
  node.advance(5, 0.5);
  node.tick();
  node.advance(5, 0.5);
  const once = usageOf(node.tick());
  expect(usageOf(node.tick())).toEqual(once);
  node.advance(0.001, 0.5);
  expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 500_000_000 });
});

test('Sampler gives no value from across a pause of more than three windows, and one at the next tick', () => {
  const node = nodeWithOne();
  node.advance(5, 0.5);
  node.tick();
  node.advance(3_600, 1);
  const { report, leftOut } = node.tick();
  expect([report.node, report.pods]).toEqual([undefined, []]);
  expect(leftOut.map(({ why }) => why)).toEqual(['paused', 'paused']);
  node.advance(0.5, 0.25);
  expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 250_000_000, windowUsec: 0.5 * second });
});

test('Sampler keeps its values when a directive makes the window much shorter', () => {
  const node = nodeWithOne();
  for (let tick = 0; tick < 3; tick += 1) {
    node.advance(60, 0.5);
    node.tick(60 * second);
  }
  node.advance(60, 0.5);
  expect(usageOf(node.tick(second))).toMatchObject({ cpuNanocores: 500_000_000, windowUsec: 60 * second });
  node.advance(1, 0.25);
  expect(usageOf(node.tick(second))).toMatchObject({ cpuNanocores: 250_000_000, windowUsec: second });
});

test('Sampler is not moved by a wall clock that jumps while a container is rated', () => {
  const node = nodeWithOne();
  node.advance(5, 0.5);
  node.tick();
  for (const jumpMs of [86_400_000, -2 * 86_400_000]) {
    node.wallMs += jumpMs;
    node.advance(5, 0.5);
    expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 500_000_000 });
  }
});

test('Sampler believes what a container used on processors that were plugged in while the agent runs', () => {
  const node = new FixtureNode(2);
  node.tick();
  node.advance(5);
  node.plugIn(8);
  node.place({ id: 'a1', pod: 'web', age: 2 });
  node.set('a1', { usageSeconds: 12 });
  expect(usageOf(node.tick())).toMatchObject({ cpuNanocores: 6_000_000_000, windowUsec: 2 * second });
});
