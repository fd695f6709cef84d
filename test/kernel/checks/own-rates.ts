import { readCgroupFigures } from '../../stand-ins/kubelet/container-figures.ts';

const SAMPLE_EVERY_MS = 100;
/** The window's ends are another's readings, and in a guest with much to do the samples come late. */
const SLACK_USEC = 500_000;

/** The CPU counter of one cgroup, read all the time by the check itself. */
export interface OwnRates extends Disposable {
  /** Lowest and highest cores of every window of this length that ended in the last `withinUsec`. */
  range(windowUsec: number, withinUsec: number): { readonly low: number; readonly high: number };
}

/**
 * What a machine with other work leaves to a spinner is less than its quota, for a while or for long. Then only its own
 * counter tells what is right.
 */
export function watchOwnRates(version: 1 | 2, cgroupPath: string): OwnRates {
  const samples: { readonly cpuUsec: number; readonly monotonicUsec: number }[] = [];
  const sample = () => samples.push(readCgroupFigures(version, cgroupPath));
  sample();
  const timer = setInterval(sample, SAMPLE_EVERY_MS);
  return {
    range(windowUsec, withinUsec) {
      sample();
      const nowUsec = samples.at(-1)?.monotonicUsec ?? 0;
      const rates: number[] = [];
      for (const last of samples) {
        if (nowUsec - last.monotonicUsec > withinUsec) continue;
        for (const first of samples) {
          const usec = last.monotonicUsec - first.monotonicUsec;
          if (Math.abs(usec - windowUsec) <= SLACK_USEC) rates.push((last.cpuUsec - first.cpuUsec) / usec);
        }
      }
      return { low: Math.min(...rates), high: Math.max(...rates) };
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
