/*
 * io.stat of cgroup v2 (kernel 4.5; discards since 4.19): a line for each block device that has seen traffic. Empty when none has.
 *
 *   8:0 rbytes=90112 wbytes=4096 rios=12 wios=1 dbytes=0 dios=0
 *   254:0 rbytes=45056 wbytes=0 rios=3 wios=0 dbytes=0 dios=0 cost.usage=73
 *   8:16 cost.vrate=100.00
 *
 * A line without the four counters is a device on which only a policy has something to say.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html#io-interface-files
 */
import { malformed, numberFromDigits, type Parser, wholeText } from './parsed.ts';
import type { IoDevice } from './signal.ts';

const devicePattern = /^\d{1,10}:\d{1,10}$/;
const counters = ['rbytes', 'wbytes', 'rios', 'wios'] as const;

/** All or nothing: one line that is not what the kernel writes makes the text malformed. */
export const parseIoStat: Parser<readonly IoDevice[]> = (buffer, byteLength) => {
  if (byteLength === 0) return { status: 'ok', value: [] };
  const text = wholeText(buffer, byteLength);
  if (text === undefined) return malformed;
  const devices: IoDevice[] = [];
  for (const line of text.slice(0, -1).split('\n')) {
    const parsed = parseDevice(line);
    if (parsed === 'malformed') return malformed;
    if (parsed !== 'nothing') devices.push(parsed);
  }
  return { status: 'ok', value: devices };
};

function parseDevice(line: string): IoDevice | 'nothing' | 'malformed' {
  const [device = '', ...fields] = line.split(' ');
  if (!devicePattern.test(device)) return 'malformed';
  const found = new Map<string, number>();
  for (const field of fields) {
    const equals = field.indexOf('=');
    const key = field.slice(0, Math.max(0, equals));
    if (!counters.some((counter) => counter === key)) continue;
    const value = numberFromDigits(field.slice(equals + 1));
    if (value === undefined || found.has(key)) return 'malformed';
    found.set(key, value);
  }
  if (found.size === 0) return 'nothing';
  const [readBytes, writtenBytes, reads, writes] = counters.map((counter) => found.get(counter));
  if (readBytes === undefined || writtenBytes === undefined || reads === undefined || writes === undefined)
    return 'malformed';
  return { device, readBytes, writtenBytes, reads, writes };
}
