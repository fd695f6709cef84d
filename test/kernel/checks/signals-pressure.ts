import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { Pressure, Signal } from 'node-cgroup-stats';
import { findSignalHierarchies } from 'node-cgroup-stats';
import type { KernelCgroup, KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';
import { isRemoved } from './remove-cgroup.ts';
import { known, type OpenedSignals, openSignals } from './signals-opened.ts';
import { until } from './until.ts';

const LEAST_STALL_USEC = 50_000;
const STALL_MS = 30_000;
const REMOVE_MS = 10_000;

const totalOf = (text: string | undefined) => Number(/^some .*total=(\d+)$/m.exec(text ?? '')?.[1]);

/** The total lies between the check's own readings; where the kernel has no pressure, the reason is told. */
function assertPressure(file: string, read: () => Signal<Pressure>): void {
  const before = readKernelText(file);
  const signal = read();
  const after = readKernelText(file);
  if (before === undefined) {
    assertAbsent(signal);
    return;
  }
  const { some } = known(signal);
  const between = `${totalOf(before)} <= ${some.totalUsec} <= ${totalOf(after)}`;
  assert.ok(
    totalOf(before) <= some.totalUsec && some.totalUsec <= totalOf(after),
    `expected ${between} of ${file}`,
  );
  for (const percent of [some.avg10, some.avg60, some.avg300]) assert.ok(percent >= 0 && percent <= 100);
}

function assertAbsent(signal: Signal<Pressure>): void {
  if (signal.status !== 'absent') assert.fail(`expected no pressure, found ${JSON.stringify(signal)}`);
  assert.match(signal.why, /CONFIG_PSI|not there/);
}

const ofMachine: KernelCheck = {
  name: 'signals: the machine’s pressure lies between two readings of /proc/pressure, or the reason is told why there is none',
  needs: [],
  async run(context) {
    const signals = openSignals(context);
    for (const kind of ['cpu', 'memory', 'io'] as const)
      assertPressure(`/proc/pressure/${kind}`, () => signals.root()[`${kind}Pressure`]);
  },
};

/** Where this kernel shows pressure for cgroups: the v2 tree, also beside v1 hierarchies. */
function pressureRoot(context: KernelContext): string | undefined {
  const { layout } = context;
  return layout.mode === 'v2' ? layout.directory : findSignalHierarchies(layout).unifiedDirectory;
}

const ofCgroup: KernelCheck = {
  name: 'signals: CPU pressure of a cgroup is that of its file while spinners outnumber processors, in a hybrid layout from the v2 tree',
  needs: [],
  async run(context) {
    const root = pressureRoot(context);
    const signals = openSignals(context);
    const made = await context.makeCgroup('pressed', { withoutMemory: isV2(context) });
    const directory = root === undefined ? undefined : join(root, made.path);
    const isBeside = directory !== undefined && !existsSync(directory);
    if (isBeside) mkdirSync(directory);
    try {
      const file = directory === undefined ? '' : join(directory, 'cpu.pressure');
      if (existsSync(file)) await press(file, made, isBeside ? directory : undefined, signals);
      else assertAbsent(signals.cgroup(made.path).cpuPressure);
    } finally {
      if (isBeside) await until('an empty cgroup', () => isRemoved(directory), REMOVE_MS);
      await made.remove();
    }
  },
};

/** @param beside a directory of the v2 tree that the processes are to be in, too */
async function press(
  file: string,
  made: KernelCgroup,
  beside: string | undefined,
  signals: OpenedSignals,
): Promise<void> {
  const enter = (pid: number) => {
    made.enter(pid);
    if (beside !== undefined) writeFileSync(join(beside, 'cgroup.procs'), `${pid}`);
  };
  const spinners = Array.from({ length: cpus().length + 1 }, () =>
    startInCgroup({ ...made, enter }, `process.stdout.write('on'); for (;;);`),
  );
  try {
    await until('a stall', () => totalOf(readKernelText(file)) > LEAST_STALL_USEC, STALL_MS);
    assertPressure(file, () => signals.cgroup(made.path).cpuPressure);
  } finally {
    for (const spinner of spinners) await spinner.end();
  }
}

export const signalPressureChecks: readonly KernelCheck[] = [ofMachine, ofCgroup];
