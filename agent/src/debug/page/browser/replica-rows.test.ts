import { expect, test } from 'vitest';
import { replicaRows } from './replica-rows.ts';

const at = '2026-01-01T12:00:00.000Z';
const connected = { address: '10.0.0.1:1', connected: true, since: at };
const report = { sampledAt: at, pods: 1, containers: 1 };

test('replicaRows() says whether it is this report that went out', () => {
  const rows = replicaRows({
    report,
    replicas: [
      { ...connected, sent: { sampledAt: '2026-01-01T12:00:00.001Z', at, reports: 7 } },
      { ...connected, sent: { sampledAt: '2026-01-01T11:59:55.000Z', at, reports: 6 } },
      connected,
    ],
  });
  expect(rows.map(({ sent }) => sent)).toEqual([
    expect.stringMatching(/^this report at \S+, number 7 of the stream$/),
    expect.stringMatching(/^the report of \S+:55 at /),
    'nothing yet',
  ]);
});

test('replicaRows() tells silence, an answer and a refusal apart', () => {
  const rows = replicaRows({
    report,
    replicas: [
      connected,
      { ...connected, answered: { at, periodUsec: 5_000_000, windowUsec: 10_000_000, peers: 2 } },
      { ...connected, connected: false, lastError: 'PERMISSION_DENIED: not your node' },
      { ...connected, connected: false },
    ],
  });
  expect(rows.map(({ answered }) => answered)).toEqual([
    'accepted the stream, has said nothing',
    expect.stringMatching(/^no objection; spoke last at \S+: a report each 5 s over 10 s, 2 replicas$/),
    expect.stringMatching(/^stream ended at \S+: PERMISSION_DENIED: not your node$/),
    expect.stringMatching(/no reason is known$/),
  ]);
});
