import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import { outputOf, run } from './client-process.ts';
import { type FixedCluster, startFixedCluster } from './fixed-cluster.ts';
import { goClients } from './go-program.ts';

const reason = skipReason(await goClients.whyNot());
if (reason !== undefined) process.stderr.write(`Skipped Go's typed clients: ${reason}\n`);

const mebibyte = 2 ** 20;
const longestAgeMs = 15_000;
const noFailure = { message: '', notFound: false, badRequest: false, unsupported: false };

/** What the program prints of one version; `reading` in go/reading.go. */
interface Reading {
  readonly problems: readonly string[];
  readonly [what: string]: unknown;
}

describe.skipIf(reason !== undefined)("Go's typed clients, with protobuf", () => {
  let cluster: FixedCluster;
  let said: { readonly v1: Reading; readonly v1beta1: Reading; readonly contentTypes: readonly string[] };

  beforeAll(async () => {
    cluster = await startFixedCluster();
    const result = await run(await goClients.build(), [`-kubeconfig=${cluster.kubeconfigFile}`]);
    said = JSON.parse(outputOf('the Go clients', result));
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  const used = (cpu: number, mebibytes: number) => ({ cpu, memory: mebibytes * mebibyte });
  const age = expect.toSatisfy((ageMs: number) => ageMs >= -1_000 && ageMs < longestAgeMs);
  const pod = (namespace: string, name: string, labels: Record<string, string>, containers: object) => ({
    ...{ namespace, name, labels, containers },
    ageMs: age,
    windowMs: 10_000,
  });
  const nodeA = {
    name: 'node-a',
    labels: { zone: 'east' },
    ageMs: age,
    windowMs: 10_000,
    usage: used(1_000, 2_048),
  };
  const nodeB = {
    name: 'node-b',
    labels: { zone: 'west' },
    ageMs: age,
    windowMs: 10_000,
    usage: used(400, 4_096),
  };
  const web0 = pod('default', 'web-0', { app: 'web' }, { main: used(250, 96), proxy: used(50, 32) });
  const all = [
    web0,
    pod('default', 'web-1', { app: 'web' }, { main: used(100, 200) }),
    pod('default', 'worker', { app: 'worker' }, { main: used(5, 16) }),
    pod('kube-system', 'dns', { 'k8s-app': 'dns' }, { main: used(2, 20) }),
  ];

  it('are answered in nothing but protobuf', () => {
    for (const type of said.contentTypes)
      expect(type).toMatch(/^application\/vnd\.kubernetes\.protobuf(?:;stream=watch)?$/);
  });

  describe.each(['v1', 'v1beta1'] as const)('of %s', (version) => {
    it('List() and Get() decode every field', () => {
      const { problems, nodes, pods, selected, node, pod: one } = said[version];
      expect({ problems, nodes, pods, selected, node, pod: one }).toEqual({
        problems: [],
        nodes: [nodeA, nodeB],
        pods: all,
        selected: [web0],
        node: nodeA,
        pod: web0,
      });
    });

    it('errors are what apierrors takes them for', () => {
      const { missingNode, missingPod, badSelector } = said[version];
      expect({ missingNode, missingPod, badSelector }).toEqual({
        missingNode: { ...noFailure, message: 'node "missing" not found', notFound: true },
        missingPod: { ...noFailure, message: 'pods "missing" not found', notFound: true },
        badSelector: { ...noFailure, message: expect.stringContaining("found 'b'"), badRequest: true },
      });
    });

    it('Watch() begins with a pod that is there', () => {
      expect(said[version]['watch']).toEqual({ failure: noFailure, type: 'ADDED', name: 'web-0' });
    });
  });
});
