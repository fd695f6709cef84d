import { expect, test } from 'vitest';
import { checkReport } from '../../../aggregator/src/snapshot/fixture-check-report.ts';
import { MadeCluster } from '../list-cluster.ts';
import { AgentReport } from './agent-report.ts';
import { agentPod, FleetCluster } from './fleet-cluster.ts';
import { stampOf } from './stamp.ts';

const size = { nodes: 10, pods: 300 };
const made = new MadeCluster(size).report(3, 1, false);

function reportOf(random: () => number): AgentReport {
  return new AgentReport(made.report, agentPod(3, made.node), random);
}

test.each([0, 0.999_999])('at() gives what the aggregator takes whole, where chance is %d', (random) => {
  const checked = checkReport(reportOf(() => random).at(7_000_000));
  expect(checked).toMatchObject({ refused: [], report: { sampleMonotonicUsec: 7_000_000 } });
});

test('at() gives other values each time, and the instant in the agent’s own pod', () => {
  const report = reportOf(Math.random);
  const first = structuredClone(report.at(1_000_000));
  const second = report.at(6_000_000);
  expect(second.pods.map(({ uid }) => uid)).toEqual(first.pods.map(({ uid }) => uid));
  expect(second.pods[0]?.containers[0]?.usage).not.toEqual(first.pods[0]?.containers[0]?.usage);
  expect(second.pods.at(-1)?.containers[0]?.usage.cpuNanocores).toBe(stampOf(6_000_000));
});

test('FleetCluster has every pod that is reported, on its node, and the agents’ under their account', () => {
  const cluster = new FleetCluster(size);
  const pods = [...cluster.pods()];
  const ofNode = pods.filter(({ spec }) => (spec as { nodeName: string }).nodeName === made.node);
  const reported = reportOf(Math.random).at(0).pods;
  expect(ofNode.map(({ metadata }) => metadata.uid).sort()).toEqual(reported.map(({ uid }) => uid).sort());
  expect(
    pods.filter(({ spec }) => (spec as { serviceAccountName: string }).serviceAccountName === 'tacho-agent'),
  ).toHaveLength(10);
  expect(JSON.stringify(pods[0]).length).toBeGreaterThan(3_000);
});
