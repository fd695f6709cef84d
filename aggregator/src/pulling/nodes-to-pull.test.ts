import { expect, test } from 'vitest';
import { NodesToPull, type PullMode } from './nodes-to-pull.ts';

/** n1 with an agent that reports, n2 without one. */
function toPull(mode: PullMode = 'auto') {
  const state = {
    nowMs: 100_000,
    nodes: ['n1', 'n2'],
    reported: new Set(['n1']),
    starting: new Set<string>(),
    mayDecide: true,
  };
  const nodes = new NodesToPull(mode, {
    nodes: () => state.nodes,
    isReported: (node) => state.reported.has(node),
    starting: () => state.starting,
    mayDecide: () => state.mayDecide,
    periodMs: () => 5_000,
    monotonicMs: () => state.nowMs,
  });
  const look = (afterMs = 0) => {
    state.nowMs += afterMs;
    nodes.look();
    return nodes.all();
  };
  return { look, nodes, state };
}

test('NodesToPull pulls nothing before it may decide, and then at once what it finds without an agent', () => {
  const { look, nodes, state } = toPull();
  state.mayDecide = false;
  expect(look(60_000)).toEqual([]);
  expect([nodes.hasDecided, nodes.covers('n1')]).toEqual([false, false]);
  state.mayDecide = true;
  expect(look()).toEqual(['n2']);
  expect([nodes.hasDecided, nodes.covers('n1')]).toEqual([true, true]);
  expect([nodes.has('n1'), nodes.has('n2'), nodes.has('n3')]).toEqual([false, true, false]);
});

test('NodesToPull gives a node that is new three periods for its agent', () => {
  const { look, state } = toPull();
  look();
  state.nodes.push('n3');
  expect(look(1_000)).toEqual(['n2']);
  expect(look(14_999)).toEqual(['n2']);
  expect(look(1)).toEqual(['n2', 'n3']);
});

test('NodesToPull gives a node back with its agent’s report, and takes it when the agent falls silent', () => {
  const { look, state } = toPull();
  state.reported.add('n2');
  expect(look()).toEqual([]);
  state.reported.delete('n1');
  expect(look(1_000)).toEqual(['n1']);
  state.reported.add('n1');
  expect(look(1_000)).toEqual([]);
});

test('NodesToPull waits for an agent that is about to start, 20 s at most', () => {
  const { look, state } = toPull();
  state.starting.add('n2');
  expect(look()).toEqual([]);
  expect(look(19_999)).toEqual([]);
  expect(look(1)).toEqual(['n2']);
});

test('NodesToPull goes on while an agent starts on a node that is pulled', () => {
  const { look, state } = toPull();
  look();
  state.starting.add('n2');
  expect(look(1_000)).toEqual(['n2']);
});

test('NodesToPull with all pulls every node, also one with an agent', () => {
  const { look } = toPull('all');
  expect(look()).toEqual(['n1', 'n2']);
});

test('NodesToPull forgets a node that is gone', () => {
  const { look, nodes, state } = toPull();
  look();
  state.nodes = ['n1'];
  expect(look()).toEqual([]);
  expect(nodes.covers('n2')).toBe(false);
});
