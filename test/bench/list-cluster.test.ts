import { expect, test } from 'vitest';
import { checkReport } from '../../aggregator/src/snapshot/fixture-check-report.ts';
import { MadeCluster } from './list-cluster.ts';
import { smallNamespace } from './list-workloads.ts';

const size = { nodes: 100, pods: 7_000 };
const cluster = new MadeCluster(size);
const pods = cluster.podObjects();

test('podObjects() are different pods: 100 in the small namespace, 2 % with the rare label', () => {
  const distinct = (value: (pod: (typeof pods)[number]) => unknown) => new Set(pods.map(value)).size;
  expect(distinct(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toBe(size.pods);
  expect(distinct(({ metadata }) => metadata.uid)).toBe(size.pods);
  expect(distinct(({ metadata }) => metadata.namespace)).toBe(50);
  expect(pods.filter(({ metadata }) => metadata.namespace === smallNamespace)).toHaveLength(100);
  const rare = pods.filter(({ metadata }) => metadata.labels?.['track'] === 'canary');
  expect(Math.abs(rare.length - 0.02 * size.pods)).toBeLessThan(10);
});

test('report() of all nodes names every pod once, on its node, with values that are taken', () => {
  const nodeOf = new Map(pods.map(({ metadata, spec }) => [metadata.uid, spec?.nodeName]));
  let containers = 0;
  for (let node = 0; node < size.nodes; node += 1) {
    const made = cluster.report(node, 1, false);
    const outcome = checkReport(made.report);
    if (!('report' in outcome)) throw new Error(outcome.reason);
    expect(outcome.refused).toEqual([]);
    for (const pod of outcome.report.pods) {
      expect(nodeOf.get(pod.uid)).toBe(made.node);
      nodeOf.delete(pod.uid);
      containers += pod.containers.length;
    }
  }
  expect(nodeOf.size).toBe(0);
  expect(containers / size.pods).toBeCloseTo(1.5, 1);
});

test('report() has other values in another round, and swap only when asked for', () => {
  const usageOf = (round: number, swap: boolean) =>
    cluster.report(7, round, swap).report.pods[0]?.containers[0]?.usage;
  expect(usageOf(1, false)).not.toEqual(usageOf(2, false));
  expect(usageOf(1, false)).toEqual(usageOf(1, false));
  expect(usageOf(1, false)).not.toHaveProperty('swapBytes');
  expect(usageOf(1, true)).toHaveProperty('swapBytes');
});
