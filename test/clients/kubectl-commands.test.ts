import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNoDebianKubectl } from '../kubectl/debian-kubectl.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';
import { skipReason } from '../skip-reason.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { comparable, editor, recordedCommands, wordsOf } from './recording.ts';

const withoutDebian = skipReason(await whyNoDebianKubectl());
if (withoutDebian !== undefined) process.stderr.write(`Skipped kubectl 1.20: ${withoutDebian}\n`);
const versions: readonly KubectlVersion[] = ['1.36', '1.32', '1.20'];

let cluster: FixedCluster;
beforeAll(async () => {
  cluster = await startFixedCluster();
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

const kubectl = (version: KubectlVersion, words: readonly string[]) =>
  runKubectl(version, words, {
    kubeconfig: cluster.kubeconfig,
    signal: AbortSignal.timeout(60_000),
    env: editor,
  });

describe.each(versions)('kubectl %s', (version) => {
  const reason = version === '1.20' ? withoutDebian : undefined;
  // Most of a run is kubectl finding out what the server has: two at a time leave no core idle.
  it.concurrent.for(recordedCommands(version))(
    `$command is as with metrics-server`,
    async (expected, context) => {
      context.skip(reason !== undefined, reason);
      const outcome = await kubectl(version, wordsOf(expected.command));
      context.expect(comparable(expected.command, outcome)).toEqual(expected);
    },
  );

  it('explain describes what usage is, in words', async (context) => {
    context.skip(reason !== undefined, reason);
    const { stdout } = await kubectl(version, ['explain', 'podmetrics.containers.usage']);
    expect(stdout).toMatch(/DESCRIPTION:\n\s+\w+ \w+/);
  });

  it('api-versions has both versions of the group, the newer one first', async (context) => {
    context.skip(reason !== undefined, reason);
    const { code, stdout } = await kubectl(version, ['api-versions']);
    expect(code).toBe(0);
    const lines = stdout.split('\n').filter((line) => line.startsWith('metrics.k8s.io/'));
    expect(lines).toEqual(['metrics.k8s.io/v1', 'metrics.k8s.io/v1beta1']);
  });

  it('get podmetrics asks for v1, and for v1beta1 when told so', async (context) => {
    context.skip(reason !== undefined, reason);
    const versionOf = async (resource: string) =>
      (await kubectl(version, ['get', resource, 'web-0', '-o', 'jsonpath={.apiVersion}'])).stdout;
    expect(await versionOf('podmetrics')).toBe('metrics.k8s.io/v1');
    expect(await versionOf('podmetrics.v1beta1.metrics.k8s.io')).toBe('metrics.k8s.io/v1beta1');
  });
});
