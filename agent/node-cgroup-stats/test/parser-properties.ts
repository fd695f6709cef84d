import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import type { KernelParser } from './kernel-parser.ts';

const MAX_UINT64 = 2n ** 64n - 1n;

/** Longer than any text here, and full of an old text: what lies behind `byteLength` must never be read. */
function bufferWith(parser: KernelParser, text: string): { buffer: Buffer; byteLength: number } {
  const buffer = Buffer.from(text + parser.example + parser.example, 'latin1');
  return { buffer, byteLength: text.length };
}

const uint64 = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX_UINT64 }),
  fc.nat().map(BigInt),
  fc.constantFrom(0n, 999_999_999n, 1_000_000_000n, 2n ** 53n, MAX_UINT64),
);

/** Amounts of memory are doubles: what they hold of numbers above 2⁵³ is the nearest double, give or take one. */
export function expectDigits(found: string, expected: bigint): boolean {
  const difference = BigInt(found) - expected;
  const magnitude = difference < 0n ? -difference : difference;
  return expected < 2n ** 53n ? difference === 0n : magnitude <= 4096n;
}

/** Whatever the number and whatever the other lines, the number comes out as it went in. */
export function roundTrips(parser: KernelParser, runs: number): void {
  const otherLines = parser.prefix === '' ? fc.constant([]) : fc.array(otherLine(parser));
  fc.assert(
    fc.property(uint64, otherLines, otherLines, (number, before, after) => {
      const line = `${parser.prefix}${number}${parser.suffix}\n`;
      const tail = parser.suffix === '' ? '' : 'SwapFree: 0 kB\n';
      const { buffer, byteLength } = bufferWith(parser, [...before, line, ...after, tail].join(''));
      const { status, digits } = parser.parse(buffer, byteLength);
      return status === 'ok' && expectDigits(digits, number);
    }),
    { numRuns: runs },
  );
}

function otherLine(parser: KernelParser): fc.Arbitrary<string> {
  return fc
    .tuple(fc.stringMatching(/^[a-z_]{1,20}$/), uint64)
    .map(([key, number]) => `${key} ${number}\n`)
    .filter((line) => !line.startsWith(parser.prefix));
}

/** Rubbish is absent or malformed, or it holds, to a slow reader of its lines, the very number that comes out. */
export function neverLies(parser: KernelParser, runs: number): void {
  fc.assert(
    fc.property(rubbish(parser), (text) => {
      const { buffer, byteLength } = bufferWith(parser, text);
      const { status, digits } = parser.parse(buffer, byteLength);
      const expected = parser.suffix === '' ? readSlowly(parser, text) : readSwapSlowly(text);
      if (typeof expected === 'string') return status === expected && digits === '';
      return status === 'ok' && expectDigits(digits, expected);
    }),
    { numRuns: runs },
  );
}

/** Real texts, hurt in the ways that files get hurt, and bytes that never were a text. */
function rubbish(parser: KernelParser): fc.Arbitrary<string> {
  const { example } = parser;
  const offset = fc.nat(example.length);
  const piece = fc.oneof(
    fc.constantFrom(
      '',
      '\n',
      '\r\n',
      '\0',
      ' ',
      '-',
      '+',
      'max',
      '.5',
      'e9',
      '99999999999999999999',
      '000000000000000000007',
      'kB',
      '0x1f',
    ),
    fc.constantFrom(parser.prefix, `${parser.prefix}7\n`, `x${parser.prefix}`, '18446744073709551616'),
    bytes(),
  );
  const spliced = fc
    .tuple(offset, fc.nat(8), piece)
    .map(([at, removed, inserted]) => example.slice(0, at) + inserted + example.slice(at + removed));
  return fc.oneof(
    { weight: 2, arbitrary: offset.map((end) => example.slice(0, end)) },
    { weight: 6, arbitrary: spliced },
    fc.constantFrom('', '\n', 'max\n', example.replaceAll('\n', '\r\n'), example.repeat(20)),
    fc
      .bigInt({ min: MAX_UINT64 - 2n, max: 2n ** 80n })
      .map((number) => `${parser.prefix}${number}${parser.suffix}\n`),
    fc.bigInt({ min: -(2n ** 70n), max: 0n }).map((number) => `${parser.prefix}${number}${parser.suffix}\n`),
    bytes(),
    bytes().map((text) => `${parser.prefix}${text}\n`),
  );
}

function bytes(): fc.Arbitrary<string> {
  return fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array).toString('latin1'));
}

type Expected = bigint | 'absent' | 'malformed';

/** The parsing rule once more, in the plainest way: with strings and big integers. */
function readSlowly(parser: KernelParser, text: string): Expected {
  if (!text.endsWith('\n')) return 'malformed';
  if (parser.prefix === '') return readNumber(text.slice(0, -1));
  const line = text.split('\n').find((candidate) => candidate.startsWith(parser.prefix));
  return line === undefined ? 'absent' : readNumber(line.slice(parser.prefix.length));
}

function readNumber(text: string): Expected {
  if (!/^-?[0-9]{1,20}$/.test(text)) return 'malformed';
  if (text.startsWith('-')) return BigInt(text.slice(1)) > MAX_UINT64 ? 'malformed' : 0n;
  return BigInt(text) > MAX_UINT64 ? 'malformed' : BigInt(text);
}

function readSwapSlowly(text: string): Expected {
  if (!text.endsWith('\n')) return 'malformed';
  const total = readKib(text, 'SwapTotal:');
  const free = readKib(text, 'SwapFree:');
  if (typeof total === 'string') return total;
  if (typeof free === 'string') return free;
  return total > free ? total - free : 0n;
}

function readKib(text: string, key: string): Expected {
  const line = text.split('\n').find((candidate) => candidate.startsWith(key));
  if (line === undefined) return 'absent';
  const [, number] = /^ *(\S*) kB$/.exec(line.slice(key.length)) ?? [];
  return number === undefined ? 'malformed' : readNumber(number);
}
