/*
 * Files that hold one limit. In v2 the word stands for "none":
 *
 *   max                   memory.max, memory.high, memory.low, memory.min, memory.swap.max (kernel 4.5), pids.max (4.3)
 *   1073741824
 *
 * In v1 memory.limit_in_bytes and memory.memsw.limit_in_bytes say the greatest number of whole pages in 63 bits for "none":
 *
 *   9223372036854771712   with pages of 4 KiB
 *
 * and cpu.cfs_quota_us says -1. pids.max of v1 is as in v2.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
 */
import { type Parser, parseSingleNumber } from './parsed.ts';
import type { Limit } from './signal.ts';

const MAX = 'max\n';
/** Whatever the size of pages, "none" lies above this, and no machine's memory does: 4 EiB, as in the kubelet. */
const UNLIMITED_BYTES = 2 ** 62;
const MINUS = 0x2d;

/** Of v2, and of pids.max in v1. */
export const parseLimit: Parser<Limit> = (buffer, byteLength) =>
  byteLength === MAX.length && buffer.toString('latin1', 0, byteLength) === MAX
    ? { status: 'ok', value: 'max' }
    : parseSingleNumber(buffer, byteLength);

/** Of memory.limit_in_bytes and memory.memsw.limit_in_bytes. */
export const parseLimitInBytes: Parser<Limit> = (buffer, byteLength) => {
  const parsed = parseSingleNumber(buffer, byteLength);
  return parsed.status === 'ok' && parsed.value > UNLIMITED_BYTES ? { status: 'ok', value: 'max' } : parsed;
};

/** Of cpu.cfs_quota_us, in µs: every negative number is "none". */
export const parseCfsQuotaUsec: Parser<Limit> = (buffer, byteLength) => {
  const parsed = parseSingleNumber(buffer, byteLength);
  return parsed.status === 'ok' && buffer[0] === MINUS ? { status: 'ok', value: 'max' } : parsed;
};
