import fc from 'fast-check';
import { ResourceReader } from './resource-reader.ts';

/** What the reader says of a body that comes in such chunks; in one by default. */
export function readings(body: string | Buffer, cuts: readonly number[] = []) {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const reader = new ResourceReader();
  let from = 0;
  for (const cut of [...cuts].sort((one, other) => one - other)) {
    // Its memory is used again, as a socket's is.
    const chunk = Buffer.from(bytes.subarray(from, Math.max(from, cut)));
    reader.write(chunk);
    chunk.fill(0x7b);
    from = Math.max(from, cut);
  }
  reader.write(bytes.subarray(from));
  return reader.end();
}

const seriesName = fc.constantFrom(
  'container_cpu_usage_seconds_total',
  'container_memory_working_set_bytes',
  'container_swap_usage_bytes',
  'container_start_time_seconds',
  'node_cpu_usage_seconds_total',
  'node_memory_working_set_bytes',
  'node_swap_usage_bytes',
  'pod_cpu_usage_seconds_total',
  'container_cpu_usage_seconds',
  'scrape_error',
);
const blank = fc.constantFrom('', '', '', ' ', '\t', '  ');
const labelValue = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('web', 'db', 'default', 'kube-system', 'a') },
  fc.constantFrom(
    '',
    '\\"',
    '\\\\',
    'a\\"}b',
    '\\n',
    '\\x',
    'é',
    'a b',
    '}',
    '{',
    ',',
    'x'.repeat(254),
    'a\\',
  ),
);
const labelName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('container', 'pod', 'namespace') },
  fc.constantFrom('id', '', '9', 'po d', '__name__'),
);
const pair = fc
  .tuple(blank, labelName, blank, blank, labelValue, blank)
  .map(([a, name, b, c, value, d]) => `${a}${name}${b}=${c}"${value}"${d}`);
const named = fc
  .shuffledSubarray(['container="c"', 'pod="p"', 'namespace="n"'], { minLength: 3 })
  .chain((all) => fc.array(pair, { maxLength: 2 }).map((more) => [...all, ...more].join(',')));
const labels = fc.oneof(
  { weight: 6, arbitrary: named },
  fc.array(pair, { maxLength: 5 }).map((pairs) => pairs.join(',')),
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      ',',
      'pod',
      'pod="p"namespace="n"',
      'container="c",pod="p",namespace="n",',
    ),
  },
);
const value = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 0, max: 1e16, noNaN: true }).map(String) },
  { weight: 2, arbitrary: fc.nat().map((count) => count.toExponential()) },
  fc.constantFrom(
    '0',
    '',
    '-1',
    'NaN',
    '+Inf',
    '1e+06',
    '1.5e-05',
    '1E9',
    '0x10',
    '1_000',
    '1e400',
    '.',
    '5.',
    '.5',
    '9'.repeat(70),
  ),
);
const timestamp = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 2 ** 42 }).map(String) },
  fc.constantFrom('', '0', '-5', '1.5', '9007199254740993', '+7', 'x', '1 2'),
);
const line = fc
  .tuple(blank, seriesName, fc.option(labels), blank, value, timestamp, blank)
  .map(([a, name, inner, b, number, at, c]) => {
    const braces = inner === null ? '' : `{${inner}}`;
    return `${a}${name}${braces}${b} ${number} ${at}${c}`;
  });

const soundLine = fc
  .tuple(
    fc.constantFrom(
      'cpu_usage_seconds_total',
      'memory_working_set_bytes',
      'swap_usage_bytes',
      'start_time_seconds',
    ),
    fc.shuffledSubarray(
      ['pod="web-1"', 'namespace="default"', 'container="app"', 'container="log"', 'pod="web-2"'],
      {
        minLength: 3,
      },
    ),
    fc.integer({ min: 0, max: 2 ** 40 }),
  )
  .map(([family, all, count]) => {
    const own = ['pod', 'namespace', 'container'].flatMap(
      (name) => all.find((each) => each.startsWith(name)) ?? [],
    );
    const inner = all.filter((each) => own.includes(each)).join(',');
    return own.length === 3
      ? `container_${family}{${inner}} ${count / 1_000} ${1_700_000_000_000 + count}`
      : `node_cpu_usage_seconds_total ${count} ${count + 1}`;
  });
const otherLine = fc.constantFrom('# HELP x y', '# TYPE x counter', '', '{}', 'rubbish', 'scrape_error 0');

/** Bodies of nearly everything that may be right or wrong in one. */
export const anyBody = fc
  .tuple(
    fc.oneof(
      fc.array(fc.oneof({ weight: 8, arbitrary: line }, otherLine), { maxLength: 12 }),
      fc.array(fc.oneof({ weight: 8, arbitrary: soundLine }, otherLine), { maxLength: 12 }),
    ),
    fc.constantFrom('\n', '\n', '\n', '\n', '', '\r\n'),
  )
  .map(([lines, end]) => `${lines.join('\n')}${end}`);
