import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { whyNoDebianKubectl } from '../kubectl/debian-kubectl.ts';
import { runKubectl } from '../kubectl/kubectl.ts';
import type { KubectlVersion } from '../kubectl/kubectl-binary.ts';
import { type KubectlStream, streamKubectl } from '../kubectl/kubectl-stream.ts';
import { type AuthorizationRule, aggregatorRule } from '../stand-ins/kube-apiserver/authorization.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { pod, using } from './fixture-objects.ts';

const withoutDebian = await whyNoDebianKubectl();
const longestMs = 20_000;

const developer = 'dev';
const rest = aggregatorRule();
const authorize: AuthorizationRule = (attributes) =>
  attributes.user.username === developer || rest(attributes);

let cluster: FixedCluster;
let kubeconfig: string;
beforeAll(async () => {
  cluster = await startFixedCluster({ authorize });
  kubeconfig = await cluster.apiserver.kubeconfig({ username: developer });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

const versions: readonly KubectlVersion[] = ['1.36', '1.32', '1.20'];

const rowsOf = ({ lines }: KubectlStream, name: string) =>
  lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.split(/\s+/).join(' '));

/** Waits for so many rows of an object; a kubectl that ends before fails at once. */
async function printed(watch: KubectlStream, name: string, rows: number): Promise<void> {
  const early = watch.ended.then((code) => {
    throw new Error(`kubectl ended with ${code} before it printed ${rows} rows of ${name}: ${watch.stderr}`);
  });
  const enough = until(`${rows} rows of ${name}`, () => rowsOf(watch, name).length >= rows, longestMs);
  await Promise.race([enough, early]);
}

// Here tacho does more than metrics-server, which refuses every watch.
describe.each(versions)('kubectl %s', (version) => {
  const reason = version === '1.20' ? withoutDebian : undefined;
  const kubectl = (...words: string[]) =>
    runKubectl(version, words, { kubeconfig, signal: AbortSignal.timeout(60_000) });

  it('get podmetrics -w prints a row for every newer sample', async (context) => {
    context.skip(reason !== undefined, reason);
    await using watch = await streamKubectl(version, ['get', 'podmetrics', '-w'], kubeconfig);
    await printed(watch, 'web-0', 3);
    expect(watch.lines[0]).toMatch(/^NAME\s+CPU\s+MEMORY\s+WINDOW$/);
    expect(new Set(rowsOf(watch, 'web-0'))).toEqual(new Set(['web-0 300m 128Mi 10s']));
    expect(watch.stderr).toBe('');
  });

  it('get nodemetrics NAME -w follows one node', async (context) => {
    context.skip(reason !== undefined, reason);
    const words = ['get', 'nodemetrics', 'node-b', '-w', '--no-headers'];
    await using watch = await streamKubectl(version, words, kubeconfig);
    await printed(watch, 'node-b', 3);
    expect(new Set(watch.lines.map((line) => line.split(/\s+/)[0]))).toEqual(new Set(['node-b']));
  });

  // kubectl 1.20 has no --for=jsonpath.
  it.runIf(version !== '1.20')('wait --for=jsonpath is met by what is there', async () => {
    const words = ['wait', 'nodemetrics/node-a', '--for=jsonpath={.usage.cpu}=1', '--timeout=10s'];
    expect(await kubectl(...words)).toEqual({
      code: 0,
      stdout: 'nodemetrics.metrics.k8s.io/node-a condition met\n',
      stderr: '',
    });
  });

  it('wait --for=delete ends when the pod is gone', async (context) => {
    context.skip(reason !== undefined, reason);
    const leaving = pod('default', `leaving-${version}`, 'node-b', {}, { main: using(1, 1) });
    await cluster.addPod(leaving);
    // Of its requests it then tells when they are answered: of a pod that is gone before that it would never hear.
    const words = ['wait', `podmetrics/${leaving.name}`, '--for=delete', '--timeout=30s', '-v=6'];
    await using waiting = await streamKubectl(version, words, kubeconfig);
    await until('kubectl watches', () => /[?&]watch=true.*[ "]200 OK/.test(waiting.stderr), longestMs);
    cluster.deletePod(leaving);
    expect(await waiting.ended).toBe(0);
    expect(waiting.lines).toEqual([`podmetrics.metrics.k8s.io/${leaving.name} condition met`]);
  });
});
