import type {
  ContainerSignals,
  IoDevice,
  Limit,
  NodeSignals,
  PodSignals,
  Pressure,
  RecentThrottling,
  Signal,
} from '../../../signals/signal-values.ts';
import { bytesWords, countWords, durationWords, percentWords } from './number-words.ts';

/** Something that the kernel tells beside usage: words, or why there are none. */
export interface SignalLine {
  readonly term: string;
  readonly words: string;
  /** Why there is no value. */
  readonly why?: string;
}

/** Of the CFS periods in which the container wanted to run, the part in which it was stopped; undefined where it has no quota. */
export function throttledPercent(recent: RecentThrottling | undefined): number | undefined {
  if (recent === undefined) return undefined;
  return recent.periods === 0 ? 0 : (100 * recent.throttledPeriods) / recent.periods;
}

/** The highest `some avg10`, in percent. */
export function highestPressure(
  signals: Pick<ContainerSignals, 'cpuPressure' | 'memoryPressure' | 'ioPressure'> | undefined,
): number | undefined {
  if (signals === undefined) return undefined;
  const known = [signals.cpuPressure, signals.memoryPressure, signals.ioPressure].flatMap((signal) =>
    signal.status === 'ok' ? [signal.value.some.avg10] : [],
  );
  return known.length === 0 ? undefined : Math.max(...known);
}

/** Everything but the split of memory, for a container or a pod. */
export function signalLines(signals: ContainerSignals | PodSignals): SignalLine[] {
  const recent = signals.recentThrottling;
  return [
    line('CPU limit', signals.cpuLimit, ({ cores, quotaUsec, periodUsec }) =>
      cores === 'max'
        ? 'none'
        : `${countWords(Math.round(cores * 1000))} m (${limit(quotaUsec, durationWords)} in each ${durationWords(periodUsec)})`,
    ),
    line('CPU weight', signals.cpuWeight, ({ kind, value }) => `${countWords(value)} (${kind})`),
    ...(recent === undefined
      ? []
      : [
          {
            term: `Throttled, last ${durationWords(recent.overUsec)}`,
            words: `${percentWords(throttledPercent(recent))} of periods, ${durationWords(recent.throttledUsec)}`,
          },
        ]),
    line(
      'Throttled since its start',
      signals.throttling,
      ({ throttledPeriods, periods, throttledUsec }) =>
        `${countWords(throttledPeriods)} of ${countWords(periods)} periods, ${durationWords(throttledUsec)}`,
    ),
    line('CPU pressure', signals.cpuPressure, pressureWords),
    line('Memory pressure', signals.memoryPressure, pressureWords),
    line('I/O pressure', signals.ioPressure, pressureWords),
    line('Memory limit', signals.memoryLimitBytes, limitBytes),
    line('Memory high', signals.memoryHighBytes, limitBytes),
    line('Memory peak', signals.memoryPeakBytes, bytesWords),
    line('OOM kills', signals.oomKills, countWords),
    line('Memory limit hits', signals.memoryLimitHits, countWords),
    line('Swap', signals.swapBytes, bytesWords),
    line('Swap limit', signals.swapLimitBytes, limitBytes),
    line('Processes', signals.pids, countWords),
    line('Processes limit', signals.pidsLimit, (value) => limit(value, countWords)),
    line('I/O', signals.io, ioWords),
  ];
}

/** What memory is made of. */
export function memorySplit(
  signals: Pick<
    NodeSignals & ContainerSignals,
    'anonBytes' | 'fileBytes' | 'inactiveFileBytes' | 'shmemBytes' | 'slabBytes'
  >,
): SignalLine[] {
  return [
    line('Anonymous', signals.anonBytes, bytesWords),
    line('File', signals.fileBytes, bytesWords),
    line('Inactive file', signals.inactiveFileBytes, bytesWords),
    line('Shared', signals.shmemBytes, bytesWords),
    line('Slab', signals.slabBytes, bytesWords),
  ];
}

/** What a node has: no limits. */
export function nodeSignalLines(signals: NodeSignals): SignalLine[] {
  return [
    line('CPU pressure', signals.cpuPressure, pressureWords),
    line('Memory pressure', signals.memoryPressure, pressureWords),
    line('I/O pressure', signals.ioPressure, pressureWords),
    line('OOM kills', signals.oomKills, countWords),
  ];
}

function line<T>(term: string, signal: Signal<T> | undefined, words: (value: T) => string): SignalLine {
  if (signal === undefined) return { term, words: '–', why: 'the agent does not tell' };
  if (signal.status === 'ok') return { term, words: words(signal.value) };
  return { term, words: '–', why: signal.why };
}

function pressureWords({ some, full }: Pressure): string {
  const fullWords = full === undefined ? '' : `, all ${percentWords(full.avg10)}`;
  return `some ${percentWords(some.avg10)}${fullWords} of 10 s; ${percentWords(some.avg60)} of 60 s`;
}

function limit(value: Limit, words: (value: number) => string): string {
  return value === 'max' ? 'none' : words(value);
}

function limitBytes(value: Limit): string {
  return limit(value, bytesWords);
}

function ioWords(devices: readonly IoDevice[]): string {
  const sum = (of: (device: IoDevice) => number) => devices.reduce((total, device) => total + of(device), 0);
  return `${bytesWords(sum((device) => device.readBytes))} read, ${bytesWords(sum((device) => device.writtenBytes))} written`;
}
