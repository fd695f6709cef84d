import { expect, test } from 'vitest';
import { FixtureNode } from './fixture-node.ts';
import { countedByPod } from './seen-container.ts';

/** Of each pod's UID the IDs of the containers that count. */
function counted(node: FixtureNode): Record<string, string[]> {
  node.tick();
  const pods = [...countedByPod(node.sampler.containers())];
  return Object.fromEntries(
    pods.map(([uid, members]) => [uid, members.map(({ cgroup }) => cgroup.containerId).sort()]),
  );
}

test('countedByPod() counts of a restarted container the one with more restarts, in whatever order they are listed', () => {
  for (const ids of [
    ['old', 'new'],
    ['new', 'old'],
  ]) {
    const node = new FixtureNode();
    for (const id of ids) node.place({ id, pod: 'web', restartCount: id === 'new' ? 4 : 3 });
    expect(counted(node)).toEqual({ 'web-uid': ['new'] });
  }
});

test('countedByPod() counts init, ordinary and several ephemeral containers of a pod that run at once', () => {
  const node = new FixtureNode();
  for (const container of ['init-sidecar', 'app', 'debugger-1', 'debugger-2'])
    node.place({ id: container, pod: 'web', container });
  node.place({ id: 'sandbox', pod: 'web', named: false });
  expect(counted(node)).toEqual({ 'web-uid': ['app', 'debugger-1', 'debugger-2', 'init-sidecar'] });
});

test('countedByPod() keeps a pod and the one of the same name that was made anew apart, and both are reported', () => {
  const node = new FixtureNode();
  node.place({ id: 'old', pod: 'web-0', uid: 'u-old' });
  node.place({ id: 'new', pod: 'web-0', uid: 'u-new' });
  expect(counted(node)).toEqual({ 'u-old': ['old'], 'u-new': ['new'] });
  node.advance(5, 0.1);
  const { report } = node.tick();
  expect(report.pods.map(({ name, uid }) => [name, uid])).toEqual([
    ['web-0', 'u-old'],
    ['web-0', 'u-new'],
  ]);
});
