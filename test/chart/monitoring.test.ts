import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { createAgentMetrics } from '../../agent/src/health/agent-metrics.ts';
import { fixtureMetricFacts } from '../../agent/src/health/fixture-metric-facts.ts';
import { OwnMetrics } from '../../aggregator/src/metrics/own-metrics.ts';
import { createPullerMetrics } from '../../puller/src/health/puller-metrics.ts';
import { chartFolder, find, render } from './chart.ts';
import { metricsIn } from './promql.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly datasource: object }[];
}

const rulesText = await readFile(join(chartFolder, 'rules/tacho.yaml'), 'utf8');
const dashboardText = await readFile(join(chartFolder, 'dashboards/tacho.json'), 'utf8');
const rules = (load(rulesText) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
const { panels } = JSON.parse(dashboardText) as { panels: Panel[] };
const queries = panels.flatMap(({ targets = [] }) => targets);

const aggregatorText = await new OwnMetrics({
  held: () => ({ nodes: 1, pods: 1, containers: 1 }),
  silentNodes: () => 0,
  agentStreams: () => 1,
  reportPeriodMs: () => 5_000,
  usualPeriodMs: () => 4_000,
  watches: () => 0,
  reports: () => ({ accepted: 1, refused: 0, overtaken: 0 }),
  refusals: () => [],
  pull: {
    nodes: () => ({ agent: 1, puller: 0 }),
    wanted: () => 0,
    streams: () => 0,
    problems: () => [],
  },
  inFlightPeaks: () => ({ reading: 0, mutating: 0 }),
  handshakeErrors: () => 0,
}).text();
const agentText = await createAgentMetrics(
  () => fixtureMetricFacts,
  () => 0,
).text();
const pullerText = await createPullerMetrics(
  () => ({
    ...{ version: '1.2.3', nodes: 3, nodesRead: 2, podsLeftOut: 1, replicas: 2, replicasConnected: 1 },
    ...{ streamsEnded: 5, tries: new Map(), trySeconds: 0, slowTries: 0, bytes: 0 },
  }),
  () => 0,
).text();

/** Names of all series that a page of /metrics can have. */
function seriesOf(text: string): readonly string[] {
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return types.flatMap(([, name = '', type]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix) : [name],
  );
}
const there = new Set([...seriesOf(aggregatorText), ...seriesOf(agentText), ...seriesOf(pullerText)]);

test.each(rules)('every metric of the alert $alert is in /metrics', ({ expr }) => {
  const names = metricsIn(expr);
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !there.has(name))).toEqual([]);
});

test.each(queries.map(({ expr }) => expr))('every metric of the query %s is in /metrics', (expr) => {
  const names = metricsIn(expr);
  expect(names).not.toEqual([]);
  expect(names.filter((name) => !there.has(name))).toEqual([]);
});

test('every alert says how bad it is, what it is and what to do', () => {
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Tacho[A-Z]\w+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    expect(Object.keys(annotations).sort()).toEqual(['description', 'summary']);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test('the dashboard’s panels have ids of their own, a place of their own, and ask the data source that is chosen', () => {
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
  );
  expect(new Set(cells).size).toBe(cells.length);
  expect(Math.max(...panels.map(({ gridPos }) => gridPos.x + gridPos.w))).toBe(24);
  for (const { datasource } of queries)
    expect(datasource).toEqual({ type: 'prometheus', uid: '${' + 'datasource}' });
});

test('the objects hold the files as they are', async () => {
  const files = await render({ prometheusRule: { enabled: true }, grafanaDashboard: { enabled: true } });
  expect(find(files, 'PrometheusRule', 'tacho-aggregator')['spec']).toEqual(load(rulesText));
  const { data } = find(files, 'ConfigMap', 'tacho-dashboard') as unknown as { data: Record<string, string> };
  expect(JSON.parse(data['tacho.json'] ?? '')).toEqual(JSON.parse(dashboardText));
});
