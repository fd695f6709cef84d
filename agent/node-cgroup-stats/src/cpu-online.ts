/*
 * /sys/devices/system/cpu/online (kernel 2.6.12): the processors that are running, as ranges. Processors may be plugged in
 * and out at any time, those of virtual machines above all.
 *
 *   0-3,8,10-11
 *
 * https://docs.kernel.org/admin-guide/cputopology.html
 */
import type { KernelFile } from './kernel-file.ts';
import { malformed, numberFromDigits, type Parser, wholeText } from './parsed.ts';
import type { QuantityStatus } from './status.ts';

/** The greatest that a kernel can be built for is 8192; what says more is no list of processors. */
const MOST_PROCESSORS = 65_536;
const rangePattern = /^(\d{1,5})(?:-(\d{1,5}))?$/;

/** How many there are. */
export const parseCpuOnline: Parser<number> = (buffer, byteLength) => {
  const text = wholeText(buffer, byteLength);
  if (text === undefined) return malformed;
  let value = 0;
  let next = 0;
  for (const range of text.slice(0, -1).split(',')) {
    const [, from, to = from] = rangePattern.exec(range) ?? [];
    const [first, last] = [numberFromDigits(from), numberFromDigits(to)];
    // Ranges ascend: otherwise one processor would be counted twice.
    if (first === undefined || last === undefined || first < next || last < first) return malformed;
    value += last - first + 1;
    next = last + 1;
  }
  return value <= MOST_PROCESSORS ? { status: 'ok', value } : malformed;
};

/** The number, or why there is none. */
export function readCpuOnline(file: KernelFile): number | Exclude<QuantityStatus, 'ok'> {
  const outcome = file.read();
  if (typeof outcome !== 'number') return outcome;
  const parsed = parseCpuOnline(file.buffer, outcome);
  return parsed.status === 'ok' ? parsed.value : parsed.status;
}
