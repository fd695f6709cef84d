import { expect, test } from 'vitest';
import { StateStream, type StreamHealth } from './state-stream.ts';

class FakeSource extends EventTarget {
  closed = false;
  close(): void {
    this.closed = true;
  }
  bring(data: string): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }
}

/** A stream whose timers are fired by hand. */
function fixture() {
  const sources: FakeSource[] = [];
  const timers = new Map<number, { readonly run: () => void; readonly ms: number }>();
  const told: (string | StreamHealth)[] = [];
  const clock = { ms: 1_000 };
  const stream = new StateStream({
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source as unknown as EventSource;
    },
    nowMs: () => clock.ms,
    later: (run, ms) => {
      const timer = timers.size === 0 ? 1 : Math.max(...timers.keys()) + 1;
      timers.set(timer, { run, ms });
      return timer;
    },
    cancel: (timer) => void timers.delete(timer),
    onState: (json) => void told.push(json),
    onHealth: (health) => void told.push(health),
  });
  const fire = () => {
    const [[timer, { run, ms }] = [0, { run: () => undefined, ms: 0 }]] = timers;
    timers.delete(timer);
    run();
    return ms;
  };
  return { stream, sources, timers, told, clock, fire };
}

test('StateStream hands over each event and says that it is live', () => {
  const { stream, sources, told } = fixture();
  stream.start();
  sources[0]?.bring('{}');
  expect(told).toEqual(['{}', { kind: 'live', atMs: 1_000 }]);
});

test('StateStream says since when it is stale and opens anew, also after an answer that a browser gives up on', () => {
  const { stream, sources, told, clock, fire } = fixture();
  stream.start();
  sources[0]?.bring('{}');
  clock.ms = 5_000;
  sources[0]?.dispatchEvent(new Event('error'));
  expect(told.at(-1)).toEqual({ kind: 'stale', sinceMs: 1_000 });
  expect(sources[0]?.closed).toBe(true);
  fire();
  expect(sources).toHaveLength(2);
});

test('StateStream takes three periods of silence for a broken stream', () => {
  const { stream, sources, told, timers, fire } = fixture();
  stream.start();
  stream.setPeriod(5_000_000);
  sources[0]?.bring('{}');
  expect(timers.size).toBe(1);
  expect(fire()).toBe(15_000);
  expect(told.at(-1)).toMatchObject({ kind: 'stale' });
});

test('StateStream does nothing more once stopped', () => {
  const { stream, sources, timers } = fixture();
  stream.start();
  stream.stop();
  expect({ closed: sources[0]?.closed, timers: timers.size }).toEqual({ closed: true, timers: 0 });
});
