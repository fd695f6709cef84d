import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type FieldSelector, parseFieldSelector } from './field-selector.ts';
import { formatGoDuration } from './go-duration.ts';
import { type LabelSelector, matchesLabels, parseLabelSelector } from './label-selector.ts';
import { formatBytes, formatNanocores } from './quantity.ts';
import { timestampJson } from './rfc3339.ts';

const lines = readFileSync(new URL('go-vectors.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

function vectors(type: string): string[][] {
  return lines.map((line) => line.split('\t')).filter(([first]) => first === type);
}

function text(column: string | undefined): string {
  return String(JSON.parse(column ?? '""'));
}

test('go-vectors.txt has the 124 vectors', () => {
  const types = ['cpu', 'mem', 'cpusum', 'memsum', 'dur', 'time', 'label', 'field'];
  expect(types.flatMap(vectors)).toHaveLength(124);
});

/** What a client's MilliValue() makes of a canonical quantity: rounded up. */
function milli(quantity: string): bigint {
  const exponents: Record<string, number> = { n: 0, u: 3, m: 6, '': 9, k: 12, M: 15, G: 18 };
  const [, digits = '', suffix = ''] = /^(\d+)(.*)$/.exec(quantity) ?? [];
  return (BigInt(digits) * 10n ** BigInt(exponents[suffix] ?? -1) + 999_999n) / 1_000_000n;
}

describe('formatNanocores()', () => {
  test.each(vectors('cpu'))('%s: %s', (_, nanocores = '', quantity, milliValue) => {
    const value = BigInt(nanocores);
    expect(formatNanocores(value)).toBe(text(quantity));
    if (value <= Number.MAX_SAFE_INTEGER) expect(formatNanocores(Number(value))).toBe(text(quantity));
    expect(String(milli(text(quantity)))).toBe(milliValue);
  });
  test.each(vectors('cpusum'))('%s: %s + %s', (_, a, b, sum) => {
    expect(formatNanocores(Number(a) + Number(b))).toBe(text(sum));
  });
});

describe('formatBytes()', () => {
  test.each(vectors('mem'))('%s: %s', (_, bytes = '', quantity) => {
    const value = BigInt(bytes);
    expect(formatBytes(value)).toBe(text(quantity));
    if (value <= Number.MAX_SAFE_INTEGER) expect(formatBytes(Number(value))).toBe(text(quantity));
  });
  test.each(vectors('memsum'))('%s: %s + %s', (_, a, b, sum) => {
    expect(formatBytes(Number(a) + Number(b))).toBe(text(sum));
  });
});

test.each(vectors('dur'))('formatGoDuration() %s: %s', (_, nanoseconds, duration) => {
  expect(formatGoDuration(Number(nanoseconds))).toBe(text(duration));
});

test.each(vectors('time'))('timestampJson() %s: %s', (_, milliseconds, json) => {
  expect(timestampJson(Number(milliseconds))).toBe(json);
});

function writeLabelSelector(selector: LabelSelector): string {
  const requirements = selector.map(({ key, operator, values }) => {
    if (operator === 'exists') return key;
    if (operator === '!') return `!${key}`;
    if (operator === 'in' || operator === 'notin') return `${key} ${operator} (${values.join(',')})`;
    return `${key}${operator}${values[0]}`;
  });
  return requirements.join(',');
}

test.each(vectors('label'))('parseLabelSelector() %s: %s', (_, input, canonical, first, second) => {
  if (canonical === '!')
    return expect(() => parseLabelSelector(text(input))).toThrow(
      expect.objectContaining({ message: text(first) }),
    );
  const selector = parseLabelSelector(text(input));
  expect(writeLabelSelector(selector)).toBe(text(canonical));
  expect(String(matchesLabels(selector, { a: 'b' }))).toBe(first);
  expect(String(matchesLabels(selector, {}))).toBe(second);
});

function writeFieldSelector(selector: FieldSelector): string {
  return selector
    .map(({ field, operator, value }) => `${field}${operator}${value.replace(/[\\,=]/g, '\\$&')}`)
    .join(',');
}

test.each(vectors('field'))('parseFieldSelector() %s: %s', (_, input, canonical, error) => {
  if (canonical === '!')
    return expect(() => parseFieldSelector(text(input))).toThrow(
      expect.objectContaining({ message: text(error) }),
    );
  expect(writeFieldSelector(parseFieldSelector(text(input)))).toBe(text(canonical));
});
