import type { CgroupSignals, RootSignals, SignalReader } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { Signals } from './signals.ts';

const second = 1_000_000;
const missing = { status: 'absent', why: 'not in this test' } as const;

/** A node on which each file takes a while, with a clock, timers and ticks that the test moves. */
class FixtureSignals {
  nowUsec = 0;
  periodUsec = 5 * second;
  stepUsec = 100;
  paths: string[] = ['/kubepods/pod1/c1'];
  gone = new Set<string>();
  throttling = { periods: 0, throttledPeriods: 0, throttledUsec: 0 };
  limitsPath: string | undefined;
  /** When files were read. */
  readonly readAtUsec: number[] = [];
  readonly signals = new Signals({
    reader: this.#reader(),
    monotonicUsec: () => this.nowUsec,
    later: (run, delayMs) => {
      const timer = { atUsec: this.nowUsec + delayMs * 1000, run };
      this.#timers.push(timer);
      return () => void this.#timers.splice(this.#timers.indexOf(timer), 1);
    },
    nextTickUsec: () => Math.ceil((this.nowUsec + 1) / this.periodUsec) * this.periodUsec,
    targets: () => ({ pods: ['/kubepods/pod1'], containers: this.paths }),
  });
  #timers: { readonly atUsec: number; readonly run: () => void }[] = [];

  get timers(): number {
    return this.#timers.length;
  }

  advance(usec: number): void {
    const endUsec = this.nowUsec + usec;
    for (;;) {
      const [next] = this.#timers.toSorted((a, b) => a.atUsec - b.atUsec);
      if (next === undefined || next.atUsec > endUsec) break;
      this.nowUsec = Math.max(this.nowUsec, next.atUsec);
      this.#timers = this.#timers.filter((each) => each !== next);
      next.run();
    }
    this.nowUsec = Math.max(this.nowUsec, endUsec);
  }

  /** The time between the first and the last file of each slice. */
  slices(): { readonly fromUsec: number; readonly toUsec: number }[] {
    const slices: { fromUsec: number; toUsec: number }[] = [];
    for (const toUsec of this.readAtUsec) {
      const last = slices.at(-1);
      if (last !== undefined && toUsec - last.toUsec <= this.stepUsec) last.toUsec = toUsec;
      else slices.push({ fromUsec: toUsec - this.stepUsec, toUsec });
    }
    return slices;
  }

  #reader(): SignalReader {
    const file = () => {
      this.nowUsec += this.stepUsec;
      this.readAtUsec.push(this.nowUsec);
    };
    const fixture = this;
    return {
      *cgroup(path, child) {
        for (let files = 0; files < 20; files += 1) {
          file();
          yield;
        }
        if (fixture.gone.has(path)) return 'gone';
        const throttling = { status: 'ok', value: fixture.throttling } as const;
        const signals = { throttling, pids: missing } as unknown as CgroupSignals;
        return { signals, limitsPath: child === undefined ? path : (fixture.limitsPath ?? path) };
      },
      *root() {
        file();
        yield;
        return { oomKills: { status: 'ok', value: 2 } } as unknown as RootSignals;
      },
    };
  }
}

test('Signals reads nothing until somebody looks', () => {
  const node = new FixtureSignals();
  node.advance(600 * second);
  expect(node.readAtUsec).toEqual([]);
  expect(node.timers).toBe(0);
  expect(node.signals.node).toBeUndefined();
});

test('Signals.look() has node, pods and containers read at once, each with its cost', () => {
  const node = new FixtureSignals();
  node.advance(second);
  node.signals.look();
  node.advance(0.1 * second);
  expect(node.signals.node).toMatchObject({ oomKills: { value: 2 }, tookUsec: 100 });
  expect(node.signals.pod('/kubepods/pod1')).toMatchObject({ tookUsec: 2_000 });
  expect(node.signals.container('/kubepods/pod1/c1')).toMatchObject({
    throttlingCgroupPath: '/kubepods/pod1/c1',
    tookUsec: 2_000,
  });
});

test('Signals goes on every 15 s while somebody looks, and stops a minute after the last look', () => {
  const node = new FixtureSignals();
  node.advance(second);
  node.signals.look();
  node.advance(44 * second);
  node.signals.look();
  node.advance(300 * second);
  const rounds = node.readAtUsec.length / 41;
  expect(rounds).toBe(7);
  expect(node.timers).toBe(0);
  expect(node.signals.container('/kubepods/pod1/c1')).toBeUndefined();
  node.signals.look();
  node.advance(second);
  expect(node.signals.node).toBeDefined();
});

test('Signals reads 500 containers in slices of at most 2 ms, none of them within 50 ms before a tick, in 15 s', () => {
  const node = new FixtureSignals();
  node.periodUsec = second;
  node.paths = Array.from({ length: 500 }, (_, index) => `/kubepods/pod1/c${index}`);
  node.signals.look();
  node.advance(59 * second);
  const slices = node.slices();
  expect(slices.length).toBeGreaterThan(1_500);
  for (const { fromUsec, toUsec } of slices) {
    expect(toUsec - fromUsec).toBeLessThanOrEqual(2_000);
    const tickUsec = Math.ceil((fromUsec + 1) / second) * second;
    expect(tickUsec - fromUsec).toBeGreaterThanOrEqual(50_000);
    expect(tickUsec).toBeGreaterThan(toUsec);
  }
  expect(node.readAtUsec.length).toBeGreaterThanOrEqual(3 * (1 + 501 * 20));
});

test('Signals lets a tick through that is late', () => {
  const node = new FixtureSignals();
  node.periodUsec = 40_000; // always less than 50 ms away
  node.signals.look();
  node.advance(second);
  expect(node.readAtUsec).toEqual([]);
  node.periodUsec = second;
  node.advance(0.5 * second);
  expect(node.signals.node).toBeDefined();
});

test('Signals tells what throttling came to since the round before, but not where a counter went back or another cgroup has it', () => {
  const node = new FixtureSignals();
  const recent = () => node.signals.container('/kubepods/pod1/c1')?.recentThrottling;
  node.signals.look();
  node.advance(second);
  expect(recent()).toBeUndefined();
  node.throttling = { periods: 150, throttledPeriods: 100, throttledUsec: 9_000_000 };
  node.advance(15 * second);
  expect(recent()).toMatchObject({ periods: 150, throttledPeriods: 100, throttledUsec: 9_000_000 });
  expect(Math.abs((recent()?.overUsec ?? 0) - 15 * second)).toBeLessThan(second);
  node.throttling = { periods: 1, throttledPeriods: 0, throttledUsec: 0 };
  node.advance(15 * second);
  expect(recent()).toBeUndefined();
  node.limitsPath = '/kubepods/pod1/c1/container';
  node.throttling = { periods: 9, throttledPeriods: 9, throttledUsec: 9 };
  node.advance(15 * second);
  expect(recent()).toBeUndefined();
});

test('Signals forgets a container whose cgroup is gone or that is no longer named', () => {
  const node = new FixtureSignals();
  node.paths = ['/a', '/b', '/c'];
  node.signals.look();
  node.advance(second);
  expect(node.signals.container('/b')).toBeDefined();
  node.gone.add('/a');
  node.paths = ['/a', '/c'];
  node.advance(16 * second);
  expect(node.signals.container('/a')).toBeUndefined();
  expect(node.signals.container('/b')).toBeUndefined();
  expect(node.signals.container('/c')).toBeDefined();
});

test('Signals.close() ends it in the middle of a round', () => {
  const node = new FixtureSignals();
  node.signals.look();
  node.advance(2_000);
  node.signals.close();
  expect(node.timers).toBe(0);
  expect(node.signals.node).toBeUndefined();
});
