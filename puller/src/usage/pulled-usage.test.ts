import { expect, test } from 'vitest';
import { ContainerReading, Reading } from '../exposition/reading.ts';
import type { ResourceReadings } from '../exposition/resource-reader.ts';
import { PulledUsage } from './pulled-usage.ts';

/** How far the kubelet's clock is ahead of the puller's. */
const aheadMs = 1_700_000_000_000 + 3_600_000;
const periodMs = 10_000;

interface Shown {
  readonly at: number;
  readonly cpu: number;
  readonly memory?: number;
  readonly started?: number;
}

/** What a kubelet shows; seconds of the puller's clock. */
function container(name: string, { at, cpu, memory = 4_096, started }: Shown, pod = 'web'): ContainerReading {
  const reading = new ContainerReading({ namespace: 'default', pod, container: name });
  reading.take('cpu', cpu, aheadMs + at * 1_000);
  reading.take('memory', memory, aheadMs + at * 1_000);
  if (started !== undefined) reading.take('start', aheadMs / 1_000 + started, undefined);
  return reading;
}

function node({ at, cpu }: Shown): Reading {
  const reading = new Reading();
  reading.take('cpu', cpu, aheadMs + at * 1_000);
  reading.take('memory', 8_192, aheadMs + at * 1_000);
  return reading;
}

/** A node that is pulled at these seconds of the puller's clock. */
function pulling() {
  const usage = new PulledUsage();
  const pull = (
    second: number,
    containers: readonly ContainerReading[],
    itself = new Reading(),
    setMs = 0,
  ) => {
    const readings: ResourceReadings = { node: itself, containers, flawed: undefined, flaws: 0 };
    const dateMs = Math.floor((aheadMs + setMs + second * 1_000) / 1_000) * 1_000;
    // At the middle of a second the middle of the bounds is the true offset.
    return usage.take(
      readings,
      { askedMs: second * 1_000 + 500, answeredMs: second * 1_000 + 500, dateMs },
      periodMs,
    );
  };
  /** The pods of a report: nanocores, the window and the age at the pull of each container's pod, all in seconds. */
  const pods = (
    second: number,
    ...shown: Parameters<typeof pull> extends [unknown, ...infer Rest] ? Rest : never
  ) => {
    const { report } = pull(second, ...shown);
    return report?.pods.map(({ name, containers, olderByUsec = 0 }) => ({
      name,
      cpu: containers.map(({ usage: { cpuNanocores } }) => cpuNanocores / 1e9),
      window: containers.map(({ usage: { windowUsec } }) => windowUsec / 1e6),
      sampled: (report.sampleMonotonicUsec - olderByUsec) / 1e6,
    }));
  };
  return { pull, pods };
}

test('PulledUsage rates two samples by the kubelet’s instants, although its clock is an hour ahead', () => {
  const { pull, pods } = pulling();
  expect(pull(10, [container('app', { at: 8, cpu: 100 })], node({ at: 9, cpu: 500 })).report).toBeUndefined();
  const { report } = pull(30, [container('app', { at: 24, cpu: 104 })], node({ at: 29, cpu: 540 }));
  expect(report).toEqual({
    sampleMonotonicUsec: 29_000_000,
    node: { cpuNanocores: 2e9, memoryWorkingSetBytes: 8_192, windowUsec: 20_000_000 },
    nodeOlderByUsec: 0,
    pods: [
      {
        ...{ namespace: 'default', name: 'web', uid: '', olderByUsec: 5_000_000 },
        containers: [
          {
            name: 'app',
            usage: { cpuNanocores: 250_000_000, memoryWorkingSetBytes: 4_096, windowUsec: 16_000_000 },
          },
        ],
      },
    ],
    periodUsec: 10_000_000,
  });
  expect(pods(40, [container('app', { at: 39, cpu: 104 })], node({ at: 29, cpu: 540 }))).toEqual([
    { name: 'web', cpu: [0], window: [15], sampled: 39 },
  ]);
});

test('PulledUsage counts the same sample once: nothing is new', () => {
  const { pull, pods } = pulling();
  pull(10, [container('app', { at: 8, cpu: 100 })]);
  pull(20, [container('app', { at: 18, cpu: 101 })]);
  expect(pull(30, [container('app', { at: 18, cpu: 101 })])).toEqual({ report: undefined, podsLeftOut: 0 });
  expect(pods(40, [container('app', { at: 38, cpu: 105 })])).toMatchObject([{ cpu: [0.2], window: [20] }]);
});

test('PulledUsage dates a pod by its oldest container', () => {
  const { pull, pods } = pulling();
  pull(10, [container('app', { at: 8, cpu: 100 }), container('log', { at: 2, cpu: 1 })]);
  const second = [container('app', { at: 19, cpu: 101 }), container('log', { at: 17, cpu: 2 })];
  expect(pods(20, second)).toMatchObject([{ window: [11, 15], sampled: 17 }]);
});

test('PulledUsage rates a young container from its start, and waits for a second sample of an older one', () => {
  const { pods } = pulling();
  expect(
    pods(100, [
      container('app', { at: 98, cpu: 5, started: 88 }, 'young'),
      container('app', { at: 98, cpu: 5, started: 20 }, 'old'),
      container('app', { at: 98, cpu: 5, started: 97.9 }, 'just born'),
      container('app', { at: 98, cpu: 5 }, 'of an unknown start'),
    ]),
  ).toEqual([{ name: 'young', cpu: [0.5], window: [10], sampled: 98 }]);
});

test('PulledUsage does not let a restarted container hide its pod: it is what it was until there is a rate', () => {
  const { pull, pods } = pulling();
  const log = (at: number) => container('log', { at, cpu: at });
  pull(10, [container('app', { at: 8, cpu: 100, started: -500 }), log(8)]);
  pull(20, [container('app', { at: 18, cpu: 101, started: -500 }), log(18)]);
  // Its CPU is not there yet: only its start is.
  const starting = new ContainerReading({ namespace: 'default', pod: 'web', container: 'app' });
  starting.take('start', aheadMs / 1_000 + 25, undefined);
  expect(pods(30, [starting, log(28)])).toMatchObject([{ cpu: [0.1, 1], sampled: 18 }]);
  // More than the counter of before, all the same its own.
  expect(pods(40, [container('app', { at: 35, cpu: 200, started: 25 }), log(38)])).toMatchObject([
    { cpu: [20, 1], window: [10, 10], sampled: 35 },
  ]);
});

test('PulledUsage begins anew where a counter went back, and shows what was for a minute', () => {
  const { pull, pods } = pulling();
  pull(10, [container('app', { at: 8, cpu: 100 })]);
  pull(20, [container('app', { at: 18, cpu: 101 })]);
  expect(pull(30, [container('app', { at: 28, cpu: 1 })])).toEqual({ report: undefined, podsLeftOut: 0 });
  expect(pods(40, [container('app', { at: 38, cpu: 4 })])).toMatchObject([
    { cpu: [0.3], window: [10], sampled: 38 },
  ]);
  expect(pull(99, [container('app', { at: 97, cpu: 1 })])).toEqual({ report: undefined, podsLeftOut: 1 });
});

test('PulledUsage leaves out a pod with a container that cannot be used, and keeps the others', () => {
  const { pull, pods } = pulling();
  const all = (at: number, cpu: number) => [
    container('app', { at, cpu: at }, 'well'),
    container('app', { at, cpu }, 'ill'),
    container('log', { at, cpu: at }, 'ill'),
  ];
  pull(10, all(8, 8));
  expect(pods(20, all(18, Number.NaN))).toMatchObject([{ name: 'well', cpu: [1] }]);
  expect(pods(30, all(28, 28))).toMatchObject([
    { name: 'well' },
    { name: 'ill', cpu: [1, 1], window: [20, 10] },
  ]);
});

test('PulledUsage shows again what it had rated once the same sample is shown whole again', () => {
  const { pull, pods } = pulling();
  const all = (at: number, log: number, memory?: number) => [
    container('app', { at, cpu: at, ...(memory === undefined ? {} : { memory }) }),
    container('log', { at: log, cpu: log }),
  ];
  pull(10, all(8, 8));
  pull(20, all(18, 18));
  expect(pull(21, all(18, 18, Number.NaN)).report).toBeUndefined();
  // The one has a new sample, the other that of before.
  expect(pods(30, all(18, 28))).toMatchObject([{ cpu: [1, 1], window: [10, 10], sampled: 18 }]);
});

test('PulledUsage rates over no longer a time than it joins samples, also after a restart', () => {
  const { pull } = pulling();
  const at = (second: number, started: number) => [container('app', { at: second, cpu: second, started })];
  pull(10, at(8, -500));
  expect(pull(600, at(598, 70))).toEqual({ report: undefined, podsLeftOut: 1 });
  expect(pull(1_200, at(1_198, 1_080)).report?.pods).toMatchObject([
    { containers: [{ usage: { windowUsec: 118_000_000 } }] },
  ]);
});

test('PulledUsage joins no samples across a clock that was set, or a long time without', () => {
  const { pull, pods } = pulling();
  const at = (second: number, setMs = 0) => [container('app', { at: second + setMs / 1_000, cpu: second })];
  pull(10, at(8));
  expect(pods(20, at(18))).toMatchObject([{ cpu: [1] }]);
  expect(pull(30, at(28, 30_000), new Reading(), 30_000).report).toBeUndefined();
  expect(pull(40, at(38, 30_000), new Reading(), 30_000).report?.pods).toMatchObject([
    { containers: [{ usage: { cpuNanocores: 1e9, windowUsec: 10_000_000 } }] },
  ]);
  expect(pull(200, at(198, 30_000), new Reading(), 30_000).report).toBeUndefined();
});

test('PulledUsage takes no sample from the kubelet’s own future', () => {
  const { pull } = pulling();
  pull(10, [container('app', { at: 8, cpu: 8 })]);
  expect(pull(20, [container('app', { at: 25, cpu: 25 })]).report).toBeUndefined();
});

test('PulledUsage gives each report a later instant, however its samples are ordered', () => {
  const { pull } = pulling();
  const of = (at: number, pod: string) => container('app', { at, cpu: at }, pod);
  pull(10, [of(8, 'a'), of(9, 'b')]);
  const first = pull(20, [of(8, 'a'), of(19, 'b')]).report;
  const second = pull(30, [of(18, 'a'), of(19, 'b')]).report;
  expect(second?.sampleMonotonicUsec).toBeGreaterThan(first?.sampleMonotonicUsec ?? Number.NaN);
  const sampled = Object.fromEntries(
    second?.pods.map(({ name, olderByUsec = 0 }) => [name, second.sampleMonotonicUsec - olderByUsec]) ?? [],
  );
  expect(sampled).toEqual({ a: 18_000_000, b: 19_000_000 });
});
