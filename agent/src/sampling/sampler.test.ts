import { expect, test } from 'vitest';
import { FixtureNode, second, windowUsec } from './fixture-node.ts';

const podNames = (sample: ReturnType<FixtureNode['tick']>) => sample.report.pods.map(({ name }) => name);

test('Sampler.sample() has no rate at the first tick and says so; the second tick reports node and pod', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  expect(node.tick()).toEqual({
    report: { sampleMonotonicUsec: node.nowUsec, pods: [] },
    leftOut: [
      { who: 'default/web container app', why: 'first' },
      { who: 'node', why: 'first' },
    ],
  });
  node.advance(5, 0.25);
  const usage = { cpuNanocores: 250_000_000, memoryWorkingSetBytes: 4096, windowUsec: 5 * second };
  const containers = [{ name: 'app', usage }];
  expect(node.tick()).toEqual({
    report: {
      sampleMonotonicUsec: node.nowUsec,
      node: usage,
      pods: [{ namespace: 'default', name: 'web', uid: 'web-uid', containers }],
    },
    leftOut: [],
  });
});

test('Sampler.sample() reports zero as zero, and swap only where the kernel counts it', () => {
  const node = new FixtureNode();
  for (const id of ['none', 'zero', 'bad']) node.place({ id, pod: id });
  node.set('zero', { workingSetBytes: 0, swapStatus: 'ok', swapBytes: 0, usageSeconds: 7 });
  node.set('bad', { swapStatus: 'malformed', usageSeconds: 7 });
  node.tick();
  node.advance(5);
  const usages = node.tick().report.pods.flatMap((pod) => pod.containers.map(({ usage }) => usage));
  const idle = { cpuNanocores: 0, memoryWorkingSetBytes: 4096, windowUsec: 5 * second };
  expect(usages).toEqual([idle, { ...idle, memoryWorkingSetBytes: 0, swapBytes: 0 }, idle]);
});

test('Sampler.sample() does not report a sandbox, which nobody ever names, nor opens its cgroup', () => {
  const node = new FixtureNode();
  node.place({ id: 'sandbox', pod: 'web', named: false });
  node.place({ id: 'a1', pod: 'web' });
  node.tick();
  node.advance(5);
  expect(node.tick().report.pods[0]?.containers.map(({ name }) => name)).toEqual(['app']);
  expect(node.open.some((path) => path.endsWith('sandbox'))).toBe(false);
});

test('Sampler.sample() takes a container up when its name comes later than its cgroup', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web', named: false });
  node.tick();
  node.advance(5);
  node.name({ id: 'a1', pod: 'web' });
  node.tick();
  node.advance(5);
  expect(podNames(node.tick())).toEqual(['web']);
});

test.each([
  ['first', {}],
  ['cpu malformed', { cpuStatus: 'malformed' }],
  ['cpu unreadable', { cpuStatus: 'unreadable' }],
  ['memory absent', { workingSetStatus: 'absent' }],
] as const)(
  'Sampler.sample() leaves the whole pod out while one container is "%s", and no other',
  (why, reading) => {
    const node = new FixtureNode();
    node.place({ id: 'a1', pod: 'web', container: 'app' });
    node.place({ id: 'b1', pod: 'other' });
    if (why !== 'first') node.place({ id: 'a2', pod: 'web', container: 'side' });
    node.tick();
    node.advance(5);
    if (why === 'first') node.place({ id: 'a2', pod: 'web', container: 'side', age: 99 });
    node.set('a2', { usageSeconds: 50, ...reading });
    const { report, leftOut } = node.tick();
    expect(report.pods.map(({ name }) => name)).toEqual(['other']);
    expect(leftOut).toEqual([{ who: 'default/web container side', why }]);
  },
);

test('Sampler.sample() says reset when a counter went back, and goes on from there', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.set('a1', { usageSeconds: 50 });
  node.tick();
  node.advance(5);
  node.set('a1', { usageSeconds: 1 });
  expect(node.tick().leftOut).toEqual([{ who: 'default/web container app', why: 'reset' }]);
  node.advance(5, 1);
  expect(node.tick().report.pods[0]?.containers[0]?.usage.cpuNanocores).toBe(1_000_000_000);
});

test('Sampler.sample() prefers the container that was restarted more often while the older one drains', () => {
  const node = new FixtureNode();
  node.place({ id: 'new', pod: 'web', restartCount: 1 });
  node.place({ id: 'old', pod: 'web', restartCount: 0 });
  node.set('new', { workingSetBytes: 1 });
  node.set('old', { workingSetBytes: 2 });
  node.tick();
  node.advance(5);
  const [pod, ...others] = node.tick().report.pods;
  expect(others).toEqual([]);
  expect(pod?.containers).toMatchObject([{ name: 'app', usage: { memoryWorkingSetBytes: 1 } }]);
});

test('Sampler.sample() does without a container that vanished after discover(), and gives its files back', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web', container: 'app' });
  node.place({ id: 'a2', pod: 'web', container: 'done' });
  node.tick();
  node.advance(5);
  node.sampler.discover(windowUsec);
  node.remove('a2');
  const { report, leftOut } = node.sampler.sample(windowUsec);
  expect(report.pods[0]?.containers.map(({ name }) => name)).toEqual(['app']);
  expect(leftOut).toEqual([]);
  expect(node.open).toEqual(['', '/kubepods/podweb-uid/a1']);
});

test('Sampler.discover() forgets containers that are no longer listed; close() gives everything back', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'b1', pod: 'other' });
  node.tick();
  node.remove('a1');
  node.advance(5);
  expect(podNames(node.tick())).toEqual(['other']);
  expect(node.open).toHaveLength(2);
  node.sampler.close();
  expect(node.open).toEqual([]);
});

test('Sampler.discover() takes a container that is listed twice once, and leaves none of its files open', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.place({ id: 'a1', pod: 'web' });
  for (let tick = 0; tick < 3; tick += 1) {
    node.tick();
    node.advance(5);
  }
  expect(podNames(node.tick())).toEqual(['web']);
  node.sampler.close();
  expect(node.open).toEqual([]);
});

test('Sampler.sample() keeps the rate of a container over the window that was asked for', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  for (let tick = 0; tick < 6; tick += 1) {
    node.tick(20 * second);
    node.advance(5, tick < 3 ? 0 : 1);
  }
  expect(node.tick(20 * second).report.pods[0]?.containers[0]?.usage).toMatchObject({
    cpuNanocores: 750_000_000,
    windowUsec: 20 * second,
  });
});

test('Sampler.sample() says which container is gone, and reports in the same tick what has taken its place', () => {
  const node = new FixtureNode();
  node.place({ id: 'a1', pod: 'web' });
  node.tick();
  node.advance(5);
  node.tick();
  node.set('a1', 'gone');
  node.advance(5);
  const gone: string[] = [];
  node.whenGone = (id) => {
    gone.push(id);
    // Only now its place is looked at again.
    node.remove(id);
    node.place({ id: 'b2', pod: 'web', restartCount: 1, age: 2 });
  };
  expect(podNames(node.tick())).toEqual(['web']);
  expect(gone).toEqual(['a1']);
});
