/*
 * Pressure stall information (kernel 4.20): cpu.pressure, memory.pressure and io.pressure of a v2 cgroup, and
 * /proc/pressure/* of the machine. Averages are percent, the total is µs.
 *
 *   some avg10=3.55 avg60=6.44 avg300=8.94 total=10707049747
 *   full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 *
 * CPU has a line `full` since 5.13; of the machine it is always 0. irq (6.1) has only `full`.
 * Where PSI was left off at boot the files are missing (since 6.1) or answer EOPNOTSUPP.
 * https://docs.kernel.org/accounting/psi.html
 */
import { absent, malformed, numberFromDigits, type Parser, wholeText } from './parsed.ts';
import type { Pressure, PressureLine } from './signal.ts';

const linePattern = /^avg10=(\d{1,3}\.\d\d) avg60=(\d{1,3}\.\d\d) avg300=(\d{1,3}\.\d\d) total=(\d+)$/;

/** Absent when the text has no line `some`. */
export const parsePressure: Parser<Pressure> = (buffer, byteLength) => {
  const text = wholeText(buffer, byteLength);
  if (text === undefined) return malformed;
  const some = parseLine(text, 'some ');
  const full = parseLine(text, 'full ');
  if (some === 'malformed' || full === 'malformed') return malformed;
  if (some === 'absent') return absent;
  return { status: 'ok', value: full === 'absent' ? { some } : { some, full } };
};

/** Of /proc/pressure/irq, whose only line is `full`: interrupts hold up everything on their processor. */
export const parseIrqPressure: Parser<PressureLine> = (buffer, byteLength) => {
  const text = wholeText(buffer, byteLength);
  const full = text === undefined ? 'malformed' : parseLine(text, 'full ');
  return typeof full === 'string' ? { status: full } : { status: 'ok', value: full };
};

function parseLine(text: string, start: string): PressureLine | 'absent' | 'malformed' {
  const line = text.split('\n').find((candidate) => candidate.startsWith(start));
  if (line === undefined) return 'absent';
  const [, avg10, avg60, avg300, total] = linePattern.exec(line.slice(start.length)) ?? [];
  const totalUsec = numberFromDigits(total);
  if (totalUsec === undefined) return 'malformed';
  return { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), totalUsec };
}
