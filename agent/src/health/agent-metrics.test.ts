import { expect, test } from 'vitest';
import { createAgentMetrics } from './agent-metrics.ts';
import { fixtureMetricFacts as facts } from './fixture-metric-facts.ts';

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
  for (const line of ['tick_seconds_total 0.25', 'pods 3', 'replicas_connected 1', 'streams_ended_total 5'])
    expect(text).toContain(`\ntacho_agent_${line}\n`);
});
