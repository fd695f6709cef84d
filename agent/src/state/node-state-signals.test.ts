import { expect, test } from 'vitest';
import { FixtureNode, second, windowUsec } from '../sampling/fixture-node.ts';
import { PodCgroups } from '../sampling/pod-cgroups.ts';
import type { ContainerSignals, NodeSignals, PodSignals } from '../signals/signal-values.ts';
import { nodeState } from './node-state.ts';

/** Signals of one instant, enough of them to be told apart. */
const read = (readAtUsec: number, oomKills: number) => ({
  ...{ readAtUsec, tookUsec: 100, oomKills: { status: 'ok', value: oomKills } },
});

function stateOf(countersAfterUsec?: number) {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.tick();
  const clock = { monotonicUsec: () => node.nowUsec };
  const podCgroups = new PodCgroups({ tree: node.tree, ...clock });
  const readAtUsec = node.nowUsec - 3 * second;
  const signals = {
    node: read(readAtUsec, 1) as unknown as NodeSignals,
    pod: (path: string) =>
      path === '/kubepods/podweb-uid' ? (read(readAtUsec, 2) as unknown as PodSignals) : undefined,
    container: (path: string) =>
      path === '/kubepods/podweb-uid/a1' ? (read(readAtUsec, 3) as unknown as ContainerSignals) : undefined,
  };
  const clocks = { monotonicUsec: node.nowUsec, wallMs: node.wallMs };
  const options =
    countersAfterUsec === undefined ? {} : { countersAfterUsec: node.nowUsec + countersAfterUsec };
  return nodeState(
    { sampler: node.sampler, podCgroups, namesProblem: undefined, signals },
    windowUsec,
    clocks,
    options,
  );
}

test('nodeState() has the signals of node, pod and container with their time on the wall clock', () => {
  const { node, pods } = stateOf();
  const readAt = '2025-12-31T23:59:57.000Z';
  expect(node.signals).toMatchObject({ oomKills: { value: 1 }, readAt });
  expect(pods[0]?.signals).toMatchObject({ oomKills: { value: 2 }, readAt });
  expect(pods[0]?.containers[0]?.signals).toMatchObject({ oomKills: { value: 3 }, readAt });
});

test('nodeState() leaves signals out that are not newer than the event before', () => {
  expect(stateOf(-2 * second).pods[0]?.containers[0]?.signals).toBeUndefined();
  expect(stateOf(-4 * second).pods[0]?.containers[0]?.signals).toBeDefined();
});
