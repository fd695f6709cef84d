import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pullReasons } from '@tacho/proto';
import { expect, test } from 'vitest';
import { createPullerMetrics } from './puller-metrics.ts';
import { TryCounts } from './try-counts.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/puller.md'), 'utf8');

function told(counts = new TryCounts()) {
  return createPullerMetrics(
    () => ({
      ...{ version: '1.2.3', nodes: 3, nodesRead: 2, podsLeftOut: 1, replicas: 2, replicasConnected: 1 },
      ...{ streamsEnded: 5, tries: counts.tries, trySeconds: counts.trySeconds },
      ...{ slowTries: counts.slowTries, bytes: counts.bytes },
    }),
    () => 0,
  ).text();
}

test('createPullerMetrics() tells tries by what became of them', async () => {
  const counts = new TryCounts();
  counts.note({ url: '', bytes: 7, answer: undefined, problem: { reason: 'hung', message: '' } }, 10_000);
  counts.note({ url: '', bytes: 1_000, answer: undefined, problem: undefined }, 500);
  const lines = (await told(counts)).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'tacho_puller_info{version="1.2.3"} 1',
      'tacho_puller_tries_total{outcome="hung"} 1',
      'tacho_puller_tries_total{outcome="read"} 1',
      'tacho_puller_try_seconds_total 10.5',
      'tacho_puller_slow_tries_total 1',
      'tacho_puller_body_bytes_total 1007',
      'tacho_puller_nodes_read 2',
    ]),
  );
});

test('docs/puller.md has each metric, and each reason', async () => {
  const names = [...(await told()).matchAll(/^# TYPE (tacho_\w+)/gm)].map(([, name]) => name);
  expect(names).toHaveLength(11);
  for (const name of [...names, ...pullReasons]) expect(page).toContain(`\`${name}\``);
  const documented = [...page.matchAll(/`(tacho_puller_\w+)`/g)].map(([, name]) => name);
  expect(documented.sort()).toEqual(names.sort());
});
