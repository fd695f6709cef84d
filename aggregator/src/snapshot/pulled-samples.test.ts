import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CheckedReport } from './checked-report.ts';
import { cluster, podObject, report } from './fixture-snapshot.ts';
import { bridge, serveOn } from './pulled-samples.ts';

const startMs = 1_000_000;

/** n1 with the pods web and db. */
function pulled(leastHeldMs = 0) {
  const { snapshot, pods, served, clock, wall } = cluster({ leastHeldMs: () => leastHeldMs });
  pods.set(podObject('db', 'n1'));
  const seen = () =>
    Object.fromEntries(
      [...served.nodes(), ...served.pods('default')].map(({ name, timestampMs }) => [
        name,
        timestampMs - startMs,
      ]),
    );
  /** A report without UIDs; ages by name, in ms. */
  const pull = (ages: Readonly<Record<string, number>>, atMs = clock.ms, periodMs = 5_000) => {
    const { n1, ...its } = ages;
    const { pods: all, node: sampled, ...rest } = report(Object.keys(its));
    const unnamed = all.map((pod) => ({ ...pod, uid: '', olderByUsec: (its[pod.name] ?? 0) * 1_000 }));
    const node = n1 === undefined ? undefined : sampled;
    const checked: CheckedReport = {
      ...rest,
      ...{ node, pods: unnamed, periodUsec: periodMs * 1_000, nodeOlderByUsec: (n1 ?? 0) * 1_000 },
    };
    return snapshot.putPulled('n1', checked, atMs, 'puller-1');
  };
  return { snapshot, clock, wall, pods, pull, seen };
}

test('Snapshot.putPulled() dates the node and each pod by its own sample', () => {
  const { pull, seen } = pulled();
  expect(pull({ n1: 2_000, web: 7_000, db: 0 })).toBe(0);
  expect(seen()).toEqual({ n1: -2_000, web: -7_000, db: 0 });
});

test('Snapshot.putPulled() takes a pod by its name only where the API server has scheduled it there', () => {
  const { pull, seen } = pulled();
  expect(pull({ n1: 0, web: 0, far: 0, unknown: 0 })).toBe(2);
  expect(seen()).toEqual({ n1: 0, web: 0 });
});

test('Snapshot keeps what an agent told last of a pod until the first pulled one, for as long as it is held', () => {
  const { snapshot, clock, pull, seen } = pulled(60_000);
  snapshot.put('n1', report(['web', 'db']), startMs);
  clock.ms += 16_000;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 0, web: 0, db: 0 });
  pull({ n1: 4_000 }, clock.ms);
  expect(seen()).toEqual({ n1: 12_000, web: 0, db: 0 });
  clock.ms += 15_000;
  pull({ n1: 0, web: 1_000 });
  expect(seen()).toEqual({ n1: 31_000, web: 30_000, db: 0 });
  clock.ms += 29_000;
  pull({ n1: 0, web: 0 });
  expect(seen()).toMatchObject({ db: 0 });
  clock.ms += 1;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 60_000, web: 60_000 });
});

test('an agent’s report takes all over at once; a pod that it lacks stays until the pulled one is too old', () => {
  const { snapshot, clock, pull, seen } = pulled();
  pull({ n1: 0, web: 0, db: 0 });
  clock.ms += 5_000;
  snapshot.put('n1', report(['web']), clock.ms);
  expect(seen()).toEqual({ n1: 5_000, web: 5_000, db: 0 });
  expect(snapshot.size()).toMatchObject({ nodes: 1, pods: 2 });
  clock.ms += 5_000;
  snapshot.put('n1', report(['web']), clock.ms);
  expect(seen()).toEqual({ n1: 10_000, web: 10_000, db: 0 });
  clock.ms += 5_001;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 10_000, web: 10_000 });
});

test('Snapshot holds every timestamp until the other source is ahead', () => {
  const { snapshot, clock, pull, seen } = pulled();
  snapshot.put('n1', report(['web', 'db']), startMs);
  clock.ms += 1_000;
  pull({ n1: 8_000, web: 3_000, db: 0 });
  expect(seen()).toEqual({ n1: 0, web: 0, db: 1_000 });
  // The agent's one instant is not before the newest of them.
  snapshot.put('n1', report(['web', 'db']), startMs + 500);
  expect(seen()).toEqual({ n1: 1_000, web: 1_000, db: 1_000 });
});

test('serveOn() serves pulled samples on, for a minute after the last report at most', () => {
  const { snapshot, clock, pull, seen } = pulled();
  pull({ n1: 0, web: 3_000 });
  for (let tries = 0; tries < 12; tries += 1) {
    clock.ms += 5_000;
    const held = snapshot.latest('n1');
    if (held !== undefined) serveOn(held, 15_000, clock.ms);
    snapshot.expire();
    expect(seen()).toEqual({ n1: 0, web: -3_000 });
  }
  clock.ms += 1;
  snapshot.expire();
  expect(seen()).toEqual({});
});

test('without a report and a try that goes well a pulled node is gone after three of its periods', () => {
  const { snapshot, clock, pull, seen } = pulled();
  pull({ n1: 0, web: 0 }, startMs, 10_000);
  clock.ms += 30_000;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 0, web: 0 });
  clock.ms += 1;
  expect(seen()).toEqual({});
});

test('bridge() serves on for a minute whatever there is, for the next source', () => {
  const { snapshot, clock, pull, seen } = pulled();
  pull({ n1: 0, web: 3_000 });
  const held = snapshot.latest('n1');
  if (held !== undefined) bridge(held);
  clock.ms += 60_000;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 0, web: -3_000 });
});

test('Snapshot dates pulled samples anew when the wall clock is set forward', () => {
  const { snapshot, clock, wall, pull, seen } = pulled();
  pull({ n1: 1_000, web: 4_000 });
  wall.stepMs = 3_600_000;
  clock.ms += 1_000;
  snapshot.expire();
  expect(seen()).toEqual({ n1: 3_599_000, web: 3_596_000 });
});

test('Snapshot loses no pod and turns no timestamp back, whoever reports in whatever order', () => {
  const step = fc.record({
    afterMs: fc.nat({ max: 4_000 }),
    byAgent: fc.boolean(),
    ages: fc.tuple(...[0, 1, 2].map(() => fc.nat({ max: 20_000 }))),
    has: fc.tuple(fc.boolean(), fc.boolean()),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const { snapshot, clock, pull, seen } = pulled(60_000);
      pull({ n1: 0, web: 0, db: 0 });
      let before = seen();
      for (const { afterMs, byAgent, ages, has } of steps) {
        clock.ms += afterMs;
        if (byAgent) snapshot.put('n1', report(['web', 'db']), clock.ms);
        else {
          const [n1 = 0, web = 0, db = 0] = ages;
          pull({ n1, ...(has[0] && { web }), ...(has[1] && { db }) });
        }
        snapshot.expire();
        const now = seen();
        if (clock.ms - startMs < 15_000) expect(Object.keys(now).sort()).toEqual(['db', 'n1', 'web']);
        for (const [name, atMs] of Object.entries(now))
          expect(atMs).toBeGreaterThanOrEqual(before[name] ?? -1e9);
        before = { ...before, ...now };
      }
    }),
  );
});
