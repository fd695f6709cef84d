import { expect, test } from 'vitest';
import { measuredFixture } from './fixture-measured-node.ts';
import { metricsResource } from './metrics-resource.ts';

const page = metricsResource(measuredFixture);
const lines = page.split('\n');
const atMs = Date.UTC(2026, 0, 1, 0, 0, 5, 250);

test('metricsResource() has the kubelet’s families, sorted, each with its help and type', () => {
  expect(lines.filter((line) => line.startsWith('# TYPE'))).toEqual([
    '# TYPE container_cpu_usage_seconds_total counter',
    '# TYPE container_memory_working_set_bytes gauge',
    '# TYPE container_start_time_seconds gauge',
    '# TYPE container_swap_usage_bytes gauge',
    '# TYPE node_cpu_usage_seconds_total counter',
    '# TYPE node_memory_working_set_bytes gauge',
    '# TYPE node_swap_usage_bytes gauge',
    '# TYPE pod_cpu_usage_seconds_total counter',
    '# TYPE pod_memory_working_set_bytes gauge',
    '# TYPE resource_scrape_error gauge',
  ]);
  expect(lines).toContain(
    '# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds',
  );
  expect(page.endsWith('resource_scrape_error 0\n')).toBe(true);
});

test('metricsResource() has series by their labels’ values, with the time of the reading in ms', () => {
  expect(lines.filter((line) => line.startsWith('container_cpu'))).toEqual([
    `container_cpu_usage_seconds_total{container="app",namespace="default",pod="web"} 4.710169 ${atMs}`,
    `container_cpu_usage_seconds_total{container="one",namespace="a",pod="db"} 1.6 ${atMs}`,
    `container_cpu_usage_seconds_total{container="proxy",namespace="default",pod="web"} 0 ${atMs}`,
    `container_cpu_usage_seconds_total{container="two",namespace="a",pod="db"} 2.6 ${atMs}`,
  ]);
  expect(lines).toContain(`node_cpu_usage_seconds_total 10000000.000000001 ${atMs}`);
  expect(lines).toContain(`pod_cpu_usage_seconds_total{namespace="default",pod="web"} 5.5 ${atMs}`);
  expect(lines).toContain(
    `container_start_time_seconds{container="app",namespace="default",pod="web"} ${(atMs - 50_126) / 1000}`,
  );
});

test('metricsResource() leaves out what is not known: the pod without a cgroup, swap where it is not counted', () => {
  expect(lines.filter((line) => line.startsWith('pod_memory'))).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('container_swap_usage_bytes{'))).toHaveLength(1);
});

test('metricsResource() has one pod of a name, the younger', () => {
  const [old] = measuredFixture.pods;
  if (old === undefined) throw new Error('no pod');
  const young = {
    ...old,
    uid: 'new',
    startedAtMs: old.startedAtMs + 1,
    containers: old.containers.slice(0, 1),
  };
  for (const pods of [
    [old, young],
    [young, old],
  ]) {
    const series = metricsResource({ ...measuredFixture, pods }).match(/^container_cpu.*$/gm);
    expect(series).toEqual([expect.stringContaining('container="proxy"')]);
  }
});

test('metricsResource() escapes the values of labels', () => {
  const [pod] = measuredFixture.pods;
  if (pod === undefined) throw new Error('no pod');
  const odd = { ...pod, name: 'a"b\\c\nd', containers: [] };
  expect(metricsResource({ ...measuredFixture, pods: [odd] })).toContain('pod="a\\"b\\\\c\\nd"');
});
