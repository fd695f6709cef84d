import { expect, test } from 'vitest';
import { keptLog } from './fixture-log.ts';
import { Refusals } from './ingest/refusals.ts';
import { cluster, report, usage } from './snapshot/fixture-snapshot.ts';
import { NodeCapacities } from './snapshot/node-capacities.ts';
import { takeReports } from './take-reports.ts';

function taking() {
  const { snapshot, names, served } = cluster();
  const { log, lines } = keptLog();
  const refusals = new Refusals(log, () => 0);
  const capacities = new NodeCapacities();
  let accepted = 0;
  const take = takeReports({
    ...{ snapshot, capacities, refusals, isServed: (node) => node !== 'elsewhere' },
    accepted: () => {
      accepted += 1;
    },
  });
  return { take, names, served, capacities, lines, refusals, accepted: () => accepted };
}

test('takeReports() serves a node’s own pods and counts a foreign one as forged, with both nodes in the log', () => {
  const { take, names, refusals, lines } = taking();
  take('n1', report(['web', 'far']), 5_000);
  expect(names()).toEqual(['web']);
  expect(refusals.counts()).toEqual([{ reason: 'pod of another node', class: 'forged', count: 1 }]);
  expect(lines).toMatchObject([{ level: 40, node: 'n1', why: 'default/far is bound to n2' }]);
});

test('takeReports() leaves out what is larger than the machine, and says nothing of other nodes', () => {
  const { take, names, served, capacities, refusals } = taking();
  for (const name of ['n1', 'n2']) {
    capacities.set({ metadata: { name }, status: { capacity: { cpu: '2', memory: '1Gi' } } });
  }
  take('n1', report(['web'], { ...usage, memoryWorkingSetBytes: 2 ** 31 }), 5_000);
  const large = report(['far']);
  const pods = large.pods.map((pod) => ({
    ...pod,
    containers: pod.containers.map((container) => ({ ...container, cpuNanocores: 3e9 })),
  }));
  take('n2', { ...large, pods }, 5_000);
  expect(names()).toEqual(['web']);
  expect([served.node('n1'), typeof served.node('n2')]).toEqual(['no-metrics', 'object']);
  expect(refusals.ofNode('n1')).toMatchObject([{ reason: 'node that uses more than it has', count: 1 }]);
  expect(refusals.ofNode('n2')).toMatchObject([
    { reason: 'pod that uses more than its node has', class: 'implausible', count: 1 },
  ]);
});

test('takeReports() counts the report of a node that is not served, and puts it nowhere', () => {
  const { take, refusals, accepted, served } = taking();
  take('elsewhere', report(['web']), 5_000);
  expect([accepted(), refusals.counts(), served.pods()]).toEqual([1, [], []]);
});
