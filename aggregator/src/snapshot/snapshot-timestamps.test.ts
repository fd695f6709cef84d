import { expect, test } from 'vitest';
import { cluster, report, silenceMs } from './fixture-snapshot.ts';

function timestamps() {
  const { snapshot, served, ...rest } = cluster();
  const seen = () => {
    const pod = served.pod('default', 'web');
    return typeof pod === 'string' ? pod : pod?.timestampMs;
  };
  return { snapshot, seen, ...rest };
}

test('Snapshot holds a timestamp when the next report is dated before it, and goes on from there', () => {
  const { snapshot, seen } = timestamps();
  const told = [50_000, 20_000, 30_000, 50_001].map((sampledAtMs) => {
    snapshot.put('n1', report(['web']), sampledAtMs);
    return seen();
  });
  expect(told).toEqual([50_000, 50_000, 50_000, 50_001]);
});

test('Snapshot holds a timestamp also of a node that was silent and forgotten', () => {
  const { snapshot, seen, clock } = timestamps();
  snapshot.put('n1', report(['web']), 50_000);
  clock.ms += silenceMs + 1;
  snapshot.expire();
  expect(seen()).toBe('no-metrics');
  snapshot.put('n1', report(['web']), 20_000);
  expect(seen()).toBe(50_000);
});

test('Snapshot forgets the timestamp of a node that is neither in the cluster nor reports', () => {
  const { snapshot, seen, nodes, clock } = timestamps();
  snapshot.put('n1', report(['web']), 50_000);
  nodes.remove({ metadata: { name: 'n1' } });
  snapshot.expire();
  snapshot.put('n1', report(['web']), 20_000);
  expect(seen()).toBe(50_000);
  clock.ms += silenceMs + 1;
  snapshot.expire();
  snapshot.put('n1', report(['web']), 20_000);
  expect(seen()).toBe(20_000);
});

test('Snapshot.expire() dates what it holds anew when the wall clock was set forward, and holds when it was set back', () => {
  const { snapshot, seen, clock, wall } = timestamps();
  clock.ms = 100_000;
  snapshot.put('n1', report(['web']), 99_000);
  clock.ms += 1_000;
  wall.stepMs = 400;
  snapshot.expire();
  expect(seen()).toBe(99_000);
  wall.stepMs = 3600_000;
  snapshot.expire();
  expect(seen()).toBe(99_000 + 3600_000);
  snapshot.put('n1', report(['web']), 100_500 + 3600_000);
  wall.stepMs = 0;
  snapshot.expire();
  expect(seen()).toBe(100_500 + 3600_000);
  // Set back by mistake, and right again: what held meanwhile was right all the time.
  wall.stepMs = 3600_000;
  snapshot.expire();
  expect(seen()).toBe(100_500 + 3600_000);
});

test.each([
  ['nothing', {}, silenceMs],
  ['a short one', { periodUsec: 1_000_000 }, silenceMs],
  ['20 s', { periodUsec: 20_000_000 }, 60_000],
  ['more than a minute', { periodUsec: 2 ** 52 }, 180_000],
])(
  'Snapshot serves a node that says of its period %s for three of them, at least 15 s',
  (_, its, longestMs) => {
    const { snapshot, served, clock } = cluster();
    snapshot.put('n1', { ...report(['web']), ...its }, clock.ms);
    clock.ms += longestMs;
    snapshot.expire();
    expect(served.node('n1')).toMatchObject({ name: 'n1' });
    clock.ms += 1;
    expect(served.node('n1')).toBe('no-metrics');
    expect(snapshot.hasReport('n1')).toBe(false);
  },
);
