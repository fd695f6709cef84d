import assert from 'node:assert/strict';
import type { CgroupSignals, RootSignals, Signal, SignalReader } from 'node-cgroup-stats';
import { createSignalReader, findSignalHierarchies } from 'node-cgroup-stats';
import type { KernelContext } from '../context.ts';

/** Reads the signals of this kernel's cgroups as the agent does, but all at once. */
export interface OpenedSignals {
  readonly reader: SignalReader;
  /** Fails where the cgroup is gone. */
  cgroup(path: string): CgroupSignals;
  root(): RootSignals;
}

export function openSignals({ layout }: KernelContext): OpenedSignals {
  const reader = createSignalReader(layout, { hierarchies: findSignalHierarchies(layout) });
  return {
    reader,
    cgroup(path) {
      const reading = finish(reader.cgroup(path));
      assert.ok(reading !== 'gone', `expected ${path} to be there, found it gone`);
      return reading.signals;
    },
    root: () => finish(reader.root()),
  };
}

/** The value of a signal that must be there. */
export function known<T>(signal: Signal<T>): T {
  assert.equal(signal.status, 'ok', signal.status === 'ok' ? '' : signal.why);
  return signal.status === 'ok' ? signal.value : assert.fail();
}

export function finish<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}
