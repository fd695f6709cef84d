import type { MetricFacts } from './agent-metrics.ts';

/** What an agent's metrics may say. */
export const fixtureMetricFacts: MetricFacts = {
  ...{ version: '1.2.3', cgroupMode: 'v2', periodSeconds: 5 },
  ...{ ticks: 7, tickSeconds: 0.25, lastTickAgeSeconds: 1 },
  ...{ reports: 6, podsReported: 3, containersReported: 4, podsLeftOut: 1, unnamed: 2 },
  ...{ replicas: 2, replicasConnected: 1, streamsEnded: 5 },
};
