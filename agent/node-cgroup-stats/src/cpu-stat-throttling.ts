/*
 * The keys of CFS bandwidth control in cpu.stat. Of v2 (kernel 4.15; bursts since 5.15), only with the cpu controller:
 *
 *   nr_periods 120
 *   nr_throttled 118
 *   throttled_usec 8840000
 *   nr_bursts 0
 *   burst_usec 0
 *
 * Of v1, in the hierarchy of `cpu` and with times in nanoseconds:
 *
 *   nr_periods 120
 *   nr_throttled 118
 *   throttled_time 8840000000
 *   nr_bursts 0
 *   burst_time 0
 *
 * They count the cgroup whose quota it is, not those below: https://docs.kernel.org/scheduler/sched-bwc.html
 */
import type { Buffer } from 'node:buffer';
import { createKeyParser, type Parsed, type Parser } from './parsed.ts';
import type { Throttling } from './signal.ts';

const parsePeriods = createKeyParser('nr_periods');
const parseThrottled = createKeyParser('nr_throttled');
const parseBursts = createKeyParser('nr_bursts');

/** Of v2. Absent without the cpu controller. */
export const parseCpuStatThrottling = createThrottlingParser('throttled_usec', 'burst_usec', 1);
/** Of v1. Times are ns there; the decimals of a µs are kept. */
export const parseCpuStatThrottlingV1 = createThrottlingParser('throttled_time', 'burst_time', 1000);

function createThrottlingParser(
  timeKey: string,
  burstTimeKey: string,
  unitsPerUsec: number,
): Parser<Throttling> {
  const parseTime = createKeyParser(timeKey);
  const parseBurstTime = createKeyParser(burstTimeKey);
  return (buffer: Buffer, byteLength: number): Parsed<Throttling> => {
    const periods = parsePeriods(buffer, byteLength);
    const throttled = parseThrottled(buffer, byteLength);
    const time = parseTime(buffer, byteLength);
    if (periods.status !== 'ok') return periods;
    if (throttled.status !== 'ok') return throttled;
    if (time.status !== 'ok') return time;
    const counted = {
      periods: periods.value,
      throttledPeriods: throttled.value,
      throttledUsec: time.value / unitsPerUsec,
    };
    const bursts = parseBursts(buffer, byteLength);
    const burstTime = parseBurstTime(buffer, byteLength);
    if (bursts.status !== 'ok' || burstTime.status !== 'ok') return { status: 'ok', value: counted };
    const value = { ...counted, bursts: bursts.value, burstUsec: burstTime.value / unitsPerUsec };
    return { status: 'ok', value };
  };
}
