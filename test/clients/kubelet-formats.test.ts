import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDebugApp } from '../../agent/src/debug/debug-app.ts';
import { serveDebug } from '../../agent/src/debug/debug-server.ts';
import type { DebugState } from '../../agent/src/debug/debug-state.ts';
import { measuredFixture } from '../../agent/src/debug/kubelet/fixture-measured-node.ts';
import { createAgentMetrics } from '../../agent/src/health/agent-metrics.ts';
import { serveHealth } from '../../listener/src/health-server.ts';
import { skipReason } from '../skip-reason.ts';
import { outputOf, run } from './client-process.ts';
import { kubeletClients } from './go-program.ts';

const reason = skipReason(await kubeletClients.whyNot());
if (reason !== undefined) process.stderr.write(`Skipped what reads a kubelet: ${reason}\n`);

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
  readonly timestampMs?: number;
}
type Page = Readonly<Record<string, { type: string; help: string; samples: readonly Sample[] }>>;

const atMs = Date.UTC(2026, 0, 1, 0, 0, 5, 250);
const time = '2026-01-01T00:00:05Z';

describe.skipIf(reason !== undefined)('what reads a kubelet', () => {
  const stop = new AbortController();
  const served: Promise<void>[] = [];
  let pages: Readonly<Record<'resource' | 'metrics', Page>>;
  let summaries: readonly unknown[];

  beforeAll(async () => {
    const address = { port: 0, bindAddress: '127.0.0.1' };
    const none = () => expect.unreachable();
    const debugPort = await listening('debug endpoint listens', (log) =>
      serveDebug(
        {
          ...{ log, state: () => ({}) as DebugState, pod: none, measured: () => measuredFixture },
          ...{ monotonicUsec: () => 0, onTick: none, recentLog: () => [], versions: {} },
          loadApp: async (deps) => createDebugApp(deps),
        },
        address,
        stop.signal,
      ),
    );
    const facts = {
      ...{ version: '1.2.3', cgroupMode: 'v2', ticks: 7, tickSeconds: 0.25, lastTickAgeSeconds: 1 },
      ...{ periodSeconds: 5, reports: 6, podsReported: 3, containersReported: 4, podsLeftOut: 0 },
      ...{ unnamed: 3, replicas: 2, replicasConnected: 1, streamsEnded: 5 },
    };
    const health = { live: {}, ready: {} };
    const loadMetrics = async () =>
      createAgentMetrics(
        () => facts,
        () => 0,
      );
    const healthPort = await listening('health endpoint listens', (log) =>
      serveHealth({ log, health, loadMetrics }, address, stop.signal),
    );
    const resource = `http://127.0.0.1:${debugPort}/metrics/resource`;
    const metrics = `http://127.0.0.1:${healthPort}/metrics`;
    const summary = `http://127.0.0.1:${debugPort}/stats/summary`;
    const result = await run(await kubeletClients.build(), [
      `-pages=${resource},${metrics}`,
      `-summaries=${summary},${summary}?only_cpu_and_memory=true`,
    ]);
    const said = JSON.parse(outputOf('the kubelet’s clients', result));
    pages = { resource: said.pages[resource], metrics: said.pages[metrics] };
    summaries = Object.values(said.summaries);
  });
  afterAll(async () => {
    stop.abort();
    await Promise.all(served);
  });

  /** The port of an endpoint once it listens, from its log. */
  function listening(sentence: string, serve: (log: pino.Logger) => Promise<void>): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const write = (text: string) => {
      const { msg, port } = JSON.parse(text) as { msg: string; port: number };
      if (msg === sentence) resolve(port);
    };
    served.push(serve(pino({ level: 'info' }, { write })));
    return promise;
  }

  test('Prometheus’ parser takes /metrics/resource, with every label, value and time', () => {
    const { container_cpu_usage_seconds_total: cpu, container_start_time_seconds: start } = pages.resource;
    expect(cpu).toMatchObject({ type: 'COUNTER', help: expect.stringMatching(/^\[STABLE\] Cumulative/) });
    expect(cpu?.samples).toContainEqual({
      labels: { container: 'app', namespace: 'default', pod: 'web' },
      value: '4.710169',
      timestampMs: atMs,
    });
    expect(cpu?.samples).toHaveLength(4);
    expect(start?.samples[0]).not.toHaveProperty('timestampMs');
    expect(pages.resource['node_cpu_usage_seconds_total']?.samples).toEqual([
      { labels: {}, value: '1.0000000000000002e+07', timestampMs: atMs },
    ]);
    expect(pages.resource['resource_scrape_error']?.samples).toEqual([{ labels: {}, value: '0' }]);
  });

  test('Prometheus’ parser takes the agent’s own /metrics', () => {
    expect(pages.metrics).toMatchObject({
      tacho_agent_ticks_total: { type: 'COUNTER', samples: [{ labels: {}, value: '7' }] },
      tacho_agent_info: { samples: [{ labels: { version: '1.2.3', cgroup_mode: 'v2' }, value: '1' }] },
      process_resident_memory_bytes: { type: 'GAUGE' },
    });
  });

  test('the kubelet’s types take /stats/summary whole: no field that they have not, every value kept', () => {
    expect(summaries).toHaveLength(2);
    for (const summary of summaries) {
      expect(summary).toMatchObject({
        node: {
          ...{ nodeName: 'node-1', startTime: '2025-12-31T00:00:00Z' },
          systemContainers: [{ name: 'pods', memory: { time, workingSetBytes: 2 ** 22 } }],
          memory: { time, availableBytes: 2 ** 33 - 2 ** 31, workingSetBytes: 2 ** 31 },
          swap: { time, swapUsageBytes: 0 },
        },
        pods: [
          {
            podRef: { name: 'web', namespace: 'default', uid: 'uid-web' },
            containers: [
              { name: 'proxy', cpu: { time, usageCoreNanoSeconds: 0 } },
              { name: 'app', memory: { usageBytes: 2 ** 22, rssBytes: 2 ** 19 } },
            ],
          },
          { podRef: { name: 'db' }, cpu: { usageCoreNanoSeconds: 4_200_000_000 } },
        ],
      });
    }
  });
});
