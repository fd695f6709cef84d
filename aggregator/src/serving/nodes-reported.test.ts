import { expect, test } from 'vitest';
import { NodesReported } from './nodes-reported.ts';

function check() {
  const state = { agents: ['n1', 'n2'], reported: new Set<string>(), ms: 1_000 };
  const nodes = new NodesReported({
    nodes: () => state.agents,
    hasReport: (node) => state.reported.has(node),
    monotonicMs: () => state.ms,
  });
  return { state, nodes };
}

test('NodesReported is not reached before the watches are in step, whatever was reported and however long it takes', () => {
  const { nodes, state } = check();
  state.agents = [];
  state.ms += 100_000;
  expect(nodes.isReached()).toBe(false);
  nodes.watchesInStep();
  expect(nodes.isReached()).toBe(true);
});

test('NodesReported is reached with the last node’s report, and stays so when one is lost or comes', () => {
  const { nodes, state } = check();
  nodes.watchesInStep();
  state.reported.add('n1');
  expect(nodes.isReached()).toBe(false);
  state.reported.add('n2');
  expect(nodes.isReached()).toBe(true);
  state.reported.clear();
  state.agents = ['n3'];
  expect(nodes.isReached()).toBe(true);
});

test('NodesReported is reached 30 s after the watches came into step, counted once', () => {
  const { nodes, state } = check();
  nodes.watchesInStep();
  state.ms += 29_999;
  nodes.watchesInStep();
  expect(nodes.isReached()).toBe(false);
  state.ms += 1;
  expect(nodes.isReached()).toBe(true);
});
