import { expect, test } from 'vitest';
import { OwnMetrics } from './own-metrics.ts';

const list = {
  ...{
    verb: 'LIST',
    group: 'metrics.k8s.io',
    version: 'v1',
    resource: 'pods',
    subresource: '',
    scope: 'cluster',
  },
};
const listLabels =
  'verb="LIST",group="metrics.k8s.io",version="v1",resource="pods",subresource="",scope="cluster",' +
  'dry_run="",component="apiserver"';

function ownMetrics() {
  const state = {
    held: { nodes: 2, pods: 30, containers: 45 },
    reports: { accepted: 7, overtaken: 2, refused: 1 },
    refusals: [{ class: 'malformed', reason: 'pod twice in one report', count: 3 }],
    peaks: { reading: 5, mutating: 1 },
  };
  const metrics = new OwnMetrics({
    held: () => state.held,
    silentNodes: () => 4,
    agentStreams: () => 6,
    reportPeriodMs: () => 5_000,
    usualPeriodMs: () => 4_000,
    watches: () => 8,
    reports: () => state.reports,
    refusals: () => state.refusals,
    pull: {
      nodes: () => ({ agent: 10, puller: 11 }),
      wanted: () => 12,
      streams: () => 13,
      problems: () => [{ reason: 'hung', count: 14 }],
    },
    inFlightPeaks: () => state.peaks,
    handshakeErrors: () => 9,
  });
  return { state, metrics };
}

test('OwnMetrics tells what its sources say at the moment of the look', async () => {
  const { state, metrics } = ownMetrics();
  state.held = { nodes: 3, pods: 31, containers: 46 };
  const lines = (await metrics.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      ...['tacho_snapshot_nodes 3', 'tacho_snapshot_pods 31', 'tacho_snapshot_containers 46'],
      ...[
        'tacho_nodes_silent 4',
        'tacho_agent_streams 6',
        'tacho_watches 8',
        'tacho_report_period_seconds 5',
        'tacho_metric_resolution_seconds 4',
      ],
      ...['tacho_reports_total{result="accepted"} 7', 'tacho_reports_total{result="refused"} 1'],
      'tacho_reports_total{result="overtaken"} 2',
      'tacho_reports_refused_total{class="malformed",reason="pod twice in one report"} 3',
      ...['tacho_nodes_reported{source="agent"} 10', 'tacho_nodes_reported{source="puller"} 11'],
      ...['tacho_nodes_to_pull 12', 'tacho_puller_streams 13'],
      'tacho_pull_problems_total{reason="hung"} 14',
      'apiserver_tls_handshake_errors_total 9',
      'apiserver_current_inflight_requests{request_kind="readOnly"} 5',
      'apiserver_current_inflight_requests{request_kind="mutating"} 1',
    ]),
  );
  state.refusals.push({ class: 'malformed', reason: 'pod without containers', count: 1 });
  expect(await metrics.text()).toContain(
    'tacho_reports_refused_total{class="malformed",reason="pod without containers"} 1\n',
  );
});

test('OwnMetrics counts requests under the names of Kubernetes’ API servers', async () => {
  const { metrics } = ownMetrics();
  metrics.requests.answered(list, 200, 0.03);
  metrics.requests.answered(list, 200, undefined);
  metrics.requests.answered(list, 429, 0.001);
  metrics.requests.refused('in-flight');
  const lines = (await metrics.text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      `apiserver_request_total{${listLabels},code="200"} 2`,
      `apiserver_request_total{${listLabels},code="429"} 1`,
      `apiserver_request_duration_seconds_bucket{le="0.025",${listLabels}} 1`,
      `apiserver_request_duration_seconds_bucket{le="0.05",${listLabels}} 2`,
      `apiserver_request_duration_seconds_count{${listLabels}} 2`,
      'tacho_requests_refused_total{reason="in-flight"} 1',
    ]),
  );
});

test('OwnMetrics observes freshness within metrics-server’s bounds', async () => {
  const { metrics } = ownMetrics();
  metrics.freshness.observe(1.2, 150_000);
  const text = await metrics.text();
  const bounds = [
    ...text.matchAll(/metrics_server_api_metric_freshness_seconds_bucket\{le="([^"]+)"\} (\d+)/g),
  ];
  expect(bounds).toHaveLength(21);
  expect(bounds.slice(0, 3).map(([, bound, count]) => [Number(bound), Number(count)])).toEqual([
    [1, 0],
    [1.364, 150_000],
    [1.364 ** 2, 150_000],
  ]);
});

test('OwnMetrics counts who was let in and where the answers came from', async () => {
  const { metrics } = ownMetrics();
  metrics.authenticated('success');
  metrics.authenticated('error');
  metrics.accessReviewed('hit');
  const text = await metrics.text();
  expect(text).toMatch(/^authentication_attempts\{result="success"\} 1$/m);
  expect(text).toMatch(/^authentication_attempts\{result="error"\} 1$/m);
  expect(text).toMatch(/^tacho_access_review_lookups_total\{result="hit"\} 1$/m);
});

test('OwnMetrics.text() is Prometheus’ text format: each family has a HELP and a TYPE before its samples', async () => {
  const { metrics } = ownMetrics();
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await metrics.text();
  expect(text.endsWith('\n')).toBe(true);
  const described = new Set(
    [...text.matchAll(/^# TYPE (\S+) (?:counter|gauge|histogram|summary)$/gm)].map(([, n]) => n),
  );
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  for (const line of samples) {
    const [, name = ''] = /^([a-zA-Z_:][\w:]*)(?:\{.*\})? \S+$/.exec(line) ?? [];
    expect(
      [name, name.replace(/_(?:bucket|sum|count)$/, '')].some((each) => described.has(each)),
      line,
    ).toBe(true);
  }
  const wanted = [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_eventloop_lag_p99_seconds',
  ];
  expect(wanted.filter((name) => !described.has(name))).toEqual([]);
});
