import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKubectl } from '../kubectl/kubectl.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { fixedNodes, pod, using } from './fixture-objects.ts';

const gibibyte = 2 ** 30;

// metrics-server never has swap: kubectl prints 0Mi for its pods and <unknown> for its nodes.
describe('kubectl 1.36 in front of nodes that count swap', () => {
  let cluster: FixedCluster;
  beforeAll(async () => {
    const [first] = fixedNodes;
    if (first === undefined) throw new Error('Cannot make a node with swap: expected one in the fixture');
    cluster = await startFixedCluster({
      nodes: [{ ...first, usage: using(1_000, 2_048, 256), swapCapacityBytes: gibibyte }],
      pods: [pod('default', 'swapping', first.name, {}, { main: using(10, 64, 24), proxy: using(1, 8, 0) })],
    });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const kubectl = async (...words: string[]) => {
    const signal = AbortSignal.timeout(60_000);
    const { code, stdout, stderr } = await runKubectl('1.36', words, {
      kubeconfig: cluster.kubeconfig,
      signal,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).join(' '));
  };

  it('top nodes --show-swap prints amount and share', async () => {
    expect(await kubectl('top', 'nodes', '--show-swap', '--no-headers')).toEqual([
      'node-a 1000m 25% 2048Mi 25% 256Mi 25%',
    ]);
  });

  it('top pods --show-swap prints the sum and each container', async () => {
    expect(await kubectl('top', 'pods', '--show-swap', '--no-headers')).toEqual(['swapping 11m 72Mi 24Mi']);
    expect(await kubectl('top', 'pods', '--show-swap', '--containers', '--no-headers')).toEqual([
      'swapping main 10m 64Mi 24Mi',
      'swapping proxy 1m 8Mi 0Mi',
    ]);
  });

  it('get podmetrics and nodemetrics have a column for it', async () => {
    expect(await kubectl('get', 'podmetrics')).toEqual([
      'NAME CPU MEMORY SWAP WINDOW',
      'swapping 11m 72Mi 24Mi 10s',
    ]);
    expect(await kubectl('get', 'nodemetrics')).toEqual([
      'NAME CPU MEMORY SWAP WINDOW',
      'node-a 1 2Gi 256Mi 10s',
    ]);
  });

  it('top without --show-swap prints the columns of metrics-server', async () => {
    expect(await kubectl('top', 'pods')).toEqual(['NAME CPU(cores) MEMORY(bytes)', 'swapping 11m 72Mi']);
  });
});
