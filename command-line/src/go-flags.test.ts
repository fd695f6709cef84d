import { expect, test } from 'vitest';
import {
  accepted,
  boolean,
  choice,
  duration,
  integer,
  optionalText,
  parseCommandLine,
  parsedList,
  sectionedHelpText,
} from './index.ts';

const table = {
  swap: boolean({ help: 'Swap.', default: true }),
  watch: boolean({ help: 'Watch.', default: false }),
  v: integer({ help: 'Verbosity.', short: 'v', default: 0, min: 0, max: 10 }),
  'node-selector': optionalText({ help: 'Nodes.', short: 'l' }),
  'metric-resolution': duration({
    help: 'Period.',
    default: '5s',
    min: '1s',
    max: '1m',
    outside: 'nearest',
  }),
  mode: choice(['a', 'b'], { help: 'Mode.', default: 'a' }),
  ...accepted('no kubelet is asked', { bare: ['kubelet-insecure-tls'], valued: ['kubelet-port'] }),
  ...accepted('there is no audit log', { valued: ['audit-log-path'] }),
};
const parse = (...args: string[]) => parseCommandLine(table, args, {});

test.each([
  [['--watch'], { watch: true, swap: true }],
  [['--watch=true', '--swap=false'], { watch: true, swap: false }],
  [['--watch=1', '--swap=F'], { watch: true, swap: false }],
  [['--watch', '--mode', 'b'], { watch: true, mode: 'b' }],
  [['-v', '4'], { v: 4 }],
  [['-v=4'], { v: 4 }],
  [['-v4'], { v: 4 }],
  [['--v=4'], { v: 4 }],
  [['-l', 'a=b,c'], { 'node-selector': 'a=b,c' }],
  [['-l=a=b'], { 'node-selector': 'a=b' }],
  [['--node-selector=a=b'], { 'node-selector': 'a=b' }],
])('parseCommandLine() takes %j as Go programs do', (args, values) => {
  expect(parse(...args)).toMatchObject({ kind: 'run', values, warnings: [] });
});

test.each([
  [['--watch=maybe'], '--watch expected true or false, found "maybe"'],
  [['--watch', 'false'], 'argument "false" is not expected: every option is a flag'],
  [
    ['--metric-resolutoin=5s'],
    '--metric-resolutoin is not a flag of this program: did you mean --metric-resolution?',
  ],
  [['-x'], '-x is not a flag of this program'],
  [['--kubelet-insecure-tls=maybe'], '--kubelet-insecure-tls expected true or false, found "maybe"'],
  [['--metric-resolution=often'], '--metric-resolution expected a duration such as 1s, found "often"'],
])('parseCommandLine() of %j says what is wrong', (args, problem) => {
  const outcome = parse(...args);
  expect(outcome.kind === 'problems' && outcome.problems[0]).toBe(problem);
});

test('parseCommandLine() takes the last of several, and says so: deployments add their arguments after a chart’s', () => {
  expect(parse('--mode=a', '--mode=b', '--metric-resolution=15s', '--metric-resolution=2m')).toMatchObject({
    kind: 'run',
    values: { mode: 'b', 'metric-resolution': 60_000 },
    warnings: [
      '--metric-resolution is given 2 times; the last, "2m", holds, but expected 1s to 1m, found 2m; 1m holds',
      '--mode is given 2 times; the last, "b", holds',
    ],
  });
});

test('parseCommandLine() warns in one line of all flags that change nothing, with each reason', () => {
  expect(
    parse('--kubelet-insecure-tls', '--kubelet-port=10250', '--kubelet-port', '1', '--audit-log-path='),
  ).toMatchObject({
    kind: 'run',
    warnings: [
      'accepted, but without effect: --kubelet-insecure-tls, --kubelet-port (no kubelet is asked); --audit-log-path (there is no audit log)',
    ],
  });
});

test('parsedList() takes several as one list, and an empty one for given', () => {
  const list = {
    paths: parsedList({ help: '', placeholder: 'PATHS' }, (text) => ({ value: text.split(',') })),
  };
  expect(parseCommandLine(list, ['--paths=a,b', '--paths=c'], {})).toMatchObject({
    values: { paths: ['a', 'b', 'c'] },
    warnings: [],
  });
  expect(parseCommandLine(list, ['--paths='], {})).toMatchObject({ values: { paths: [''] } });
  expect(parseCommandLine(list, [], {})).toMatchObject({ values: { paths: undefined } });
});

test.each([
  ['100ms', 1_000, '1s'],
  ['0', 1_000, '1s'],
  ['15m', 60_000, '1m'],
])('duration() that takes the nearest takes %s to its bound with a warning', (given, ms, bound) => {
  expect(parse(`--metric-resolution=${given}`)).toMatchObject({
    values: { 'metric-resolution': ms },
    warnings: [`--metric-resolution expected 1s to 1m, found ${given}; ${bound} holds`],
  });
});

test('parseCommandLine() shows the version also for --version=raw, and runs on with --version=false', () => {
  expect(parse('--version=raw')).toEqual({ kind: 'version' });
  expect(parse('--version=false')).toMatchObject({ kind: 'run' });
});

test('sectionedHelpText() shows flags under their headings, and those without effect by name only', () => {
  const { swap, v } = table;
  const shown = sectionedHelpText('p', 'Does.', {
    Metrics: { swap },
    Rest: {
      v,
      ...accepted('no kubelet is asked', { valued: ['kubelet-port'] }),
      ...accepted('there is no audit log', { valued: ['audit-log-path'] }),
    },
  });
  expect(shown).toContain('Metrics:\n  --swap[=true|false]\n      Swap. (default true)\n');
  expect(shown).toContain('Rest:\n  -v, --v=NUMBER\n      Verbosity. (default 0)\n');
  expect(shown).toContain(
    '  Without effect – no kubelet is asked:\n      --kubelet-port\n  Without effect – there',
  );
});
