import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { parseBlkioThrottle } from '../src/blkio-throttle.ts';
import { parseCpuMax } from '../src/cpu-max.ts';
import { parseCpuStatThrottling, parseCpuStatThrottlingV1 } from '../src/cpu-stat-throttling.ts';
import { parseIoStat } from '../src/io-stat.ts';
import { parseCfsQuotaUsec, parseLimit, parseLimitInBytes } from '../src/limit.ts';
import type { Parser } from '../src/parsed.ts';
import { parseIrqPressure, parsePressure } from '../src/pressure.ts';
import { blkioText, signalTexts, signalTextsV1 } from './fixture-signal-texts.ts';

/** A file whose parser gives more than one number, or a word. */
export interface SignalFormat {
  readonly name: string;
  readonly parse: Parser<unknown>;
  /** A real text. */
  readonly example: string;
  /** Texts that the kernel could write, with what they say. */
  readonly texts: fc.Arbitrary<{ readonly text: string; readonly value: unknown }>;
  /** How many of the text's unit make one of the value's; 1 when it is not told. */
  readonly unitsPerValue?: number;
}

const count = fc.oneof(
  fc.nat(),
  fc.maxSafeNat(),
  fc.constantFrom(0, 1, 999_999_999, 1_000_000_000, Number.MAX_SAFE_INTEGER),
);
const device = fc.tuple(fc.nat(999), fc.nat(255)).map(([major, minor]) => `${major}:${minor}`);
const devices = fc.uniqueArray(device, { maxLength: 4 });
const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => (hundredths / 100).toFixed(2));
const limit = fc.oneof(count, fc.constant('max' as const));

const pressureLine = fc.tuple(percent, percent, percent, count).map(([avg10, avg60, avg300, total]) => ({
  text: `avg10=${avg10} avg60=${avg60} avg300=${avg300} total=${total}\n`,
  value: { avg10: Number(avg10), avg60: Number(avg60), avg300: Number(avg300), totalUsec: total },
}));

function throttling(timeKey: string, burstKey: string, unitsPerUsec: number): SignalFormat['texts'] {
  const rendered = ([periods, throttled, time, bursts, burst]: readonly number[]) => ({
    text:
      `usage_usec 1\nnr_periods ${periods}\nnr_throttled ${throttled}\n${timeKey} ${time}\n` +
      `nr_bursts ${bursts}\n${burstKey} ${burst}\n`,
    value: {
      ...{ periods, throttledPeriods: throttled, throttledUsec: (time ?? 0) / unitsPerUsec },
      ...{ bursts, burstUsec: (burst ?? 0) / unitsPerUsec },
    },
  });
  return fc.tuple(count, count, count, count, count).map(rendered);
}

export const signalFormats: readonly SignalFormat[] = [
  {
    name: 'parseLimit()',
    parse: parseLimit,
    example: signalTexts['memory.max'],
    texts: limit.map((value) => ({ text: `${value}\n`, value })),
  },
  {
    name: 'parseLimitInBytes()',
    parse: parseLimitInBytes,
    example: '9223372036854771712\n',
    texts: fc.oneof(
      count.map((value) => ({ text: `${value}\n`, value })),
      // "None" with pages of 4, 16 and 64 KiB.
      fc
        .constantFrom('9223372036854771712', '9223372036854759424', '9223372036854710272')
        .map((digits) => ({ text: `${digits}\n`, value: 'max' })),
    ),
  },
  {
    name: 'parseCfsQuotaUsec()',
    parse: parseCfsQuotaUsec,
    example: '25000\n',
    texts: limit.map((value) => ({ text: value === 'max' ? '-1\n' : `${value}\n`, value })),
  },
  {
    name: 'parseCpuMax()',
    parse: parseCpuMax,
    example: signalTexts['cpu.max'],
    texts: fc.tuple(limit, fc.integer({ min: 1, max: 1_000_000 })).map(([quotaUsec, periodUsec]) => ({
      text: `${quotaUsec} ${periodUsec}\n`,
      value: { quotaUsec, periodUsec, cores: quotaUsec === 'max' ? quotaUsec : quotaUsec / periodUsec },
    })),
  },
  {
    name: 'parseCpuStatThrottling()',
    parse: parseCpuStatThrottling,
    example: signalTexts['cpu.stat'],
    texts: throttling('throttled_usec', 'burst_usec', 1),
  },
  {
    name: 'parseCpuStatThrottlingV1()',
    parse: parseCpuStatThrottlingV1,
    example: signalTextsV1('')['cpu//cpu.stat'] ?? '',
    texts: throttling('throttled_time', 'burst_time', 1000),
    unitsPerValue: 1000,
  },
  {
    name: 'parsePressure()',
    parse: parsePressure,
    example: signalTexts['cpu.pressure'],
    texts: fc.tuple(pressureLine, fc.option(pressureLine)).map(([some, full]) => ({
      text: `some ${some.text}${full === null ? '' : `full ${full.text}`}`,
      value: full === null ? { some: some.value } : { some: some.value, full: full.value },
    })),
  },
  {
    name: 'parseIrqPressure()',
    parse: parseIrqPressure,
    example: 'full avg10=0.10 avg60=0.00 avg300=0.00 total=9\n',
    texts: pressureLine.map(({ text, value }) => ({ text: `full ${text}`, value })),
  },
  {
    name: 'parseIoStat()',
    parse: parseIoStat,
    example: signalTexts['io.stat'],
    texts: fc.tuple(devices, count, count).map(([names, some, other]) => ({
      text: names
        .map((name) => `${name} rbytes=${some} wbytes=${other} rios=${other} wios=0 dbytes=0 dios=0\n`)
        .join(''),
      value: names.map((name) => ({
        ...{ device: name, readBytes: some, writtenBytes: other, reads: other, writes: 0 },
      })),
    })),
  },
  {
    name: 'parseBlkioThrottle()',
    parse: parseBlkioThrottle,
    example: blkioText(90_112, 4096),
    texts: fc.tuple(devices, count, count).map(([names, read, write]) => ({
      text: `${names.map((name) => `${name} Read ${read}\n${name} Write ${write}\n`).join('')}Total 0\n`,
      value: new Map(names.map((name) => [name, { read, write }])),
    })),
  },
];

/** Behind the text lies an old one, which must never be read. */
function parseText({ parse, example }: SignalFormat, text: string) {
  return parse(Buffer.from(text + example + example, 'latin1'), text.length);
}

/** Whatever the kernel could write comes out as it went in. */
export function signalRoundTrips(format: SignalFormat, runs: number): void {
  const holds = ({ text, value }: { text: string; value: unknown }) =>
    isDeepStrictEqual(parseText(format, text), { status: 'ok', value });
  fc.assert(fc.property(format.texts, holds), { numRuns: runs });
}

/** A damaged text is refused, or each number that it gives stands in it, digit for digit. */
export function signalNeverLies(format: SignalFormat, runs: number): void {
  const { example } = format;
  const bytes = fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString('latin1'));
  const words = ['', '\n', ' ', '-', '=', 'max', '0', '7\n', '.5', '\0', 'total=', '18446744073709551616'];
  const piece = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...example.split(/(?<=\n)/)), bytes);
  const damaged = fc
    .tuple(fc.nat(example.length), fc.nat(8), piece)
    .map(([at, removed, inserted]) => example.slice(0, at) + inserted + example.slice(at + removed));
  const holds = (text: string) => {
    const parsed = parseText(format, text);
    if (parsed.status !== 'ok') return !('value' in parsed);
    const units = format.unitsPerValue ?? 1;
    const numbers = (text.match(/\d+(?:\.\d+)?/g) ?? []).map(Number);
    const told = new Set([...numbers, ...numbers.map((number) => number / units)]);
    // Cores are a quotient; a negative number, which only a kernel bug prints, is 0.
    return numbersIn(parsed.value).every(
      ([name, value]) => name === 'cores' || value === 0 || told.has(value),
    );
  };
  fc.assert(fc.property(fc.oneof({ weight: 5, arbitrary: damaged }, bytes), holds), { numRuns: runs });
}

function numbersIn(value: unknown, name = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return [[name, value]];
  if (value instanceof Map) return [...value.values()].flatMap((each) => numbersIn(each));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => numbersIn(each, key));
}
