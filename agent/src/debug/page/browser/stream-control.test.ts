import { expect, test } from 'vitest';
import { StreamControl } from './stream-control.ts';

function fixture() {
  const told: string[] = [];
  const timers = new Map<number, () => void>();
  const control = new StreamControl({
    stream: { start: () => void told.push('start'), stop: () => void told.push('stop') },
    later: (run) => {
      timers.set(timers.size + 1, run);
      return timers.size;
    },
    cancel: (timer) => void timers.delete(timer),
    onStopped: () => undefined,
    onStarted: () => undefined,
  });
  control.apply();
  return { control, told, timers };
}

test('StreamControl stops for a person and starts again, each once', () => {
  const { control, told } = fixture();
  control.setPaused(true);
  control.setPaused(true);
  control.setPaused(false);
  expect(told).toEqual(['start', 'stop', 'start']);
});

test('StreamControl leaves the agent alone when its tab has been hidden for a minute, and not for a glance', () => {
  const { control, told, timers } = fixture();
  control.setHidden(true);
  control.setHidden(false);
  expect({ told, timers: timers.size }).toEqual({ told: ['start'], timers: 0 });
  control.setHidden(true);
  timers.get(1)?.();
  expect(told).toEqual(['start', 'stop']);
  control.setHidden(false);
  expect(told).toEqual(['start', 'stop', 'start']);
});

test('StreamControl leaves the agent alone a minute after its tab was opened in the background, until it is seen', () => {
  const { control, told, timers } = fixture();
  const tab = Object.assign(new EventTarget(), { hidden: true });
  control.follow(tab);
  timers.get(1)?.();
  expect(told).toEqual(['start', 'stop']);
  tab.hidden = false;
  tab.dispatchEvent(new Event('visibilitychange'));
  expect(told).toEqual(['start', 'stop', 'start']);
});

test('StreamControl stays paused when its tab is looked at again', () => {
  const { control, told, timers } = fixture();
  control.setPaused(true);
  control.setHidden(true);
  timers.get(1)?.();
  control.setHidden(false);
  expect(told).toEqual(['start', 'stop']);
});
