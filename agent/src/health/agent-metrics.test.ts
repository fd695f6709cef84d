import { expect, test } from 'vitest';
import { createAgentMetrics, type MetricFacts } from './agent-metrics.ts';

const facts: MetricFacts = {
  ...{
    version: '1.2.3',
    cgroupMode: 'v2',
    ticks: 7,
    tickSeconds: 0.5,
    lastTickAgeSeconds: 1,
    periodSeconds: 5,
  },
  ...{ reports: 6, podsReported: 3, containersReported: 4, podsLeftOut: 1, unnamed: 2 },
  ...{ replicas: 2, replicasConnected: 1 },
};

test('createAgentMetrics() looks at the facts once for a text, and at newer ones for the next', async () => {
  let nowUsec = 0;
  let looks = 0;
  const metrics = createAgentMetrics(
    () => {
      looks += 1;
      return { ...facts, ticks: looks * 10 };
    },
    () => nowUsec,
  );
  const before = looks;
  expect(await metrics.text()).toContain(`tacho_agent_ticks_total ${(before + 1) * 10}\n`);
  expect(looks).toBe(before + 1);
  nowUsec = 1_000_000;
  const text = await metrics.text();
  expect(text).toContain(`tacho_agent_ticks_total ${(before + 2) * 10}\n`);
  expect(text).toContain('tacho_agent_info{version="1.2.3",cgroup_mode="v2"} 1\n');
  expect(text).toContain('tacho_agent_replicas_connected 1\n');
});
