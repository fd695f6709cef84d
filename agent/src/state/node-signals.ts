import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createSignalReader,
  type FileCalls,
  findSignalHierarchies,
  hostFileCalls,
  type SignalReader,
  type SupportedLayout,
} from 'node-cgroup-stats';
import type { SeenContainer } from '../sampling/seen-container.ts';
import type { SlowFile } from '../signals/signal-values.ts';
import { Signals } from '../signals/signals.ts';
import { SlowFiles } from '../signals/slow-files.ts';
import { signalTargets } from './signal-targets.ts';

/** What the node's signals need. */
export interface NodeSignalsDeps {
  readonly layout: SupportedLayout;
  readonly cgroupRoot: string;
  readonly procRoot: string;
  readonly monotonicUsec: () => number;
  readonly nextTickUsec: () => number;
  readonly containers: () => Iterable<SeenContainer>;
}

/** Signals of this node, and calls for the ticks that no slow file holds up twice. */
export interface NodeSignalReading {
  readonly signals: Signals;
  /** For everything that the ticks read. */
  readonly calls: FileCalls;
  /** When the text was read that `calls` give out for a file; undefined where it is read anew each time. */
  readonly readAsideAtUsec: (path: string) => number | undefined;
  /** Files that are read aside at present. */
  slowFiles(): readonly SlowFile[];
}

/** The root's memory.stat may hold a tick up for this long; from then on it is read aside. */
const slowestOfTickUsec = 100_000;
/** What is read for signals must not come near to a tick's own length. */
const slowestOfSignalsUsec = 5_000;

/** Puts together what reads signals on this machine. */
export function createNodeSignals(deps: NodeSignalsDeps): NodeSignalReading {
  const { layout, cgroupRoot, procRoot, monotonicUsec, nextTickUsec } = deps;
  const busyUsec = () => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  const clocks = { monotonicUsec, busyUsec };
  const readAside = (path: string) => readFile(path);
  const root = layout.mode === 'v2' ? layout.directory : layout.memoryDirectory;
  const rootMemoryStat = join(root, 'memory.stat');
  const ofTicks = new SlowFiles(
    { calls: hostFileCalls, readAside, ...clocks },
    { slowUsec: slowestOfTickUsec, isWatched: (path) => path === rootMemoryStat },
  );
  const ofSignals = new SlowFiles(
    { calls: ofTicks.calls, readAside, ...clocks },
    { slowUsec: slowestOfSignalsUsec },
  );
  const openReader = () =>
    createSignalReader(layout, {
      procDirectory: procRoot,
      hierarchies: findSignalHierarchies(layout, { root: cgroupRoot }),
      calls: ofSignals.calls,
    });
  let reader: SignalReader | undefined;
  const signals = new Signals({
    // Mostly nobody ever looks: its buffer is not made before somebody does.
    get reader() {
      reader ??= openReader();
      return reader;
    },
    monotonicUsec,
    later: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    nextTickUsec,
    targets: () => signalTargets(deps.containers()),
  });
  return {
    signals,
    calls: ofTicks.calls,
    readAsideAtUsec: (path) => ofTicks.readAtUsec(path),
    slowFiles: () => [...ofTicks.list(), ...ofSignals.list()],
  };
}
