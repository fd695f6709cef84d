import { expect, test } from 'vitest';
import { FixtureNode } from '../sampling/fixture-node.ts';
import { signalTargets } from './signal-targets.ts';

test('signalTargets() has each pod once, and no container without a name', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'a2', pod: 'web', container: 'sidecar' });
  node.place({ id: 'b1', pod: 'other', named: false });
  node.tick();
  expect(signalTargets(node.sampler.containers())).toEqual({
    pods: ['/kubepods/podweb-uid'],
    containers: ['/kubepods/podweb-uid/a1', '/kubepods/podweb-uid/a2'],
  });
});
