import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyBody, readings } from './fixture-exposition.ts';
import { plainReadings } from './fixture-plain-reader.ts';

const at = 1_700_000_000_123;
const web = 'container="app",namespace="default",pod="web"';
const body = `# HELP container_cpu_usage_seconds_total [STABLE] Cumulative cpu time consumed by the container in core-seconds
# TYPE container_cpu_usage_seconds_total counter
container_cpu_usage_seconds_total{${web}} 4.7812 ${at}
container_memory_working_set_bytes{${web}} 1.616273408e+09 ${at}
container_start_time_seconds{${web}} 1.69999999912e+09
container_swap_usage_bytes{${web}} 0 ${at}
node_cpu_usage_seconds_total 357.35491 ${at + 7}
node_memory_working_set_bytes 1.0e+06 ${at + 7}
pod_cpu_usage_seconds_total{namespace="default",pod="web"} 4.78 ${at}
scrape_error 0
`;

test('ResourceReader takes the series that are needed, with the kubelet’s own instants', () => {
  expect(readings(body)).toMatchObject({
    node: { cpuSeconds: 357.35491, cpuAtMs: at + 7, memoryBytes: 1_000_000, swapBytes: undefined },
    containers: [
      {
        ...{ namespace: 'default', pod: 'web', container: 'app', cpuSeconds: 4.7812, cpuAtMs: at },
        ...{ memoryBytes: 1_616_273_408, swapBytes: 0, startedAtMs: 1_699_999_999_120, flaw: undefined },
      },
    ],
    flawed: undefined,
  });
});

test('ResourceReader agrees with a plain reader, in whatever pieces a body comes', () => {
  const cuts = fc.array(fc.nat(400), { maxLength: 6 });
  fc.assert(
    fc.property(anyBody, cuts, (text, at) => {
      expect(readings(text, at)).toEqual(plainReadings(Buffer.from(text)));
    }),
    { numRuns: 5_000 },
  );
});

test.each(['a\\"b', 'a\\\\b', 'a}b', 'a{b', 'a,b="c"'.replaceAll('"', '\\"')])(
  'ResourceReader reads the value %s of a label, in any order of labels',
  (escaped) => {
    const pod = escaped.replace(/\\(.)/g, '$1');
    for (const labels of [
      `pod="${escaped}",namespace="n",container="c"`,
      `container="c",namespace="n",pod="${escaped}",`,
    ]) {
      const found = readings(`container_cpu_usage_seconds_total{${labels}} 1 5\n`);
      expect(found).toMatchObject({ containers: [{ namespace: 'n', pod, container: 'c', cpuSeconds: 1 }] });
    }
  },
);

test.each([
  ['NaN 5', 'no number'],
  ['+Inf 5', 'no number'],
  ['-1 5', 'not a count'],
  ['1e300 5', 'not a count'],
  ['1', 'no timestamp'],
  ['1 0', 'a timestamp that is none'],
  ['1 1.5', 'a timestamp that is none'],
  ['1 5 6', 'a timestamp that is none'],
  [' ', 'no number'],
] as const)(
  'ResourceReader finds "%s" to be %s: that container has a flaw, the others none',
  (sample, what) => {
    const found = readings(
      `${body}container_cpu_usage_seconds_total{container="b",namespace="n",pod="p"} ${sample}\n`,
    );
    expect(found).toMatchObject({
      containers: [{ flaw: undefined }, { container: 'b', flaw: what, cpuSeconds: undefined }],
      flawed: { what, line: 11 },
      flaws: 1,
    });
  },
);

test('ResourceReader believes neither of two figures of one series, and minds not the same one twice', () => {
  const twice = (sample: string) => readings(`${body}container_cpu_usage_seconds_total{${web}} ${sample}\n`);
  expect(twice(`4.7812 ${at}`)).toMatchObject({ containers: [{ flaw: undefined }], flaws: 0 });
  for (const sample of [`5 ${at}`, `4.7812 ${at + 1}`])
    expect(twice(sample)).toMatchObject({ containers: [{ flaw: 'twice' }], flaws: 1 });
});

test('ResourceReader takes a start that is no time for none', () => {
  for (const start of ['0', '-6.21355968e+10', '1e300'])
    expect(readings(`container_start_time_seconds{${web}} ${start}\n`)).toMatchObject({
      containers: [{ startedAtMs: undefined, flaw: undefined }],
    });
});

test.each([
  ['', { what: 'no series', line: 0 }],
  ['<html>\n<body>not found</body>\n', { what: 'no series', line: 2 }],
  [body.slice(0, -40), { what: 'cut off', line: 9 }],
  [`x 1\ncontainer_cpu_usage_seconds_total{pod="p",namespace="n"} 1 5\n`, { what: 'labels', line: 2 }],
  ['container_cpu_usage_seconds_total{pod="p\n', { what: 'labels', line: 1 }],
  ['container_cpu_usage_seconds_total 1 5\n', { what: 'labels', line: 1 }],
  [`x\n${'y'.repeat(8_193)}`, { what: 'line too long', line: 2 }],
])('ResourceReader can use nothing of %j', (text, failure) => {
  expect(readings(text)).toEqual(failure);
});

test('ResourceReader takes no more containers than any node has', () => {
  const lines = (count: number) =>
    Array.from(
      { length: count },
      (_, n) => `container_cpu_usage_seconds_total{container="c",namespace="n",pod="p${n}"} 1 5\n`,
    );
  expect(readings(lines(10_000).join(''))).toMatchObject({ containers: { length: 10_000 } });
  expect(readings(lines(10_001).join(''))).toEqual({ what: 'too many containers', line: 10_001 });
});
