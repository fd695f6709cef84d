import { expect, test } from 'vitest';
import {
  choice,
  duration,
  helpText,
  integer,
  parseCommandLine,
  requiredText,
  text,
  textList,
} from './index.ts';

const table = {
  'node-name': requiredText({ help: 'Name of this node.', env: 'NODE_NAME' }),
  'metric-resolution': duration({ help: 'Period.', default: '5s', min: '1s', max: '1m' }),
  port: integer({ help: 'Port.', default: 443, min: 1, max: 65_535 }),
  'log-level': choice(['info', 'debug'], { help: 'Level.', default: 'info' }),
  root: text({ help: 'Root.', default: '/sys/fs/cgroup' }),
  aggregator: textList({ help: 'Addresses.' }),
};

test('parseCommandLine() gives defaults, typed values and repeated flags', () => {
  expect(
    parseCommandLine(
      table,
      ['--node-name=n1', '--metric-resolution', '1m', '--aggregator=a:1,b:2', '--aggregator', 'c:3'],
      {},
    ),
  ).toEqual({
    kind: 'run',
    values: {
      'node-name': 'n1',
      'metric-resolution': 60_000,
      port: 443,
      'log-level': 'info',
      root: '/sys/fs/cgroup',
      aggregator: ['a:1', 'b:2', 'c:3'],
    },
    warnings: [],
  });
});

test('parseCommandLine() names every problem at once', () => {
  const outcome = parseCommandLine(
    table,
    ['--metric-resolution=500ms', '--port=99999', '--log-level=loud', '--bogus', 'stray', '--root'],
    {},
  );
  expect(outcome).toEqual({
    kind: 'problems',
    problems: [
      '--bogus is not a flag of this program',
      'argument "stray" is not expected: every option is a flag',
      '--root expects a value: --root=TEXT',
      '--node-name is required',
      '--metric-resolution expected 1s to 1m, found 500ms',
      '--port expected a whole number from 1 to 65535, found "99999"',
      '--log-level expected one of info, debug, found "loud"',
    ],
  });
});

test('parseCommandLine() reads the environment only when the flag is absent, and says so in a problem', () => {
  const named = (args: string[], env: Record<string, string>) => {
    const outcome = parseCommandLine(table, args, env);
    return outcome.kind === 'run' ? outcome.values['node-name'] : outcome;
  };
  expect(named([], { NODE_NAME: 'from-env' })).toBe('from-env');
  expect(named(['--node-name=flag'], { NODE_NAME: 'from-env' })).toBe('flag');
  const level = { 'log-level': choice(['info'], { help: '', default: 'info', env: 'LEVEL' }) };
  expect(parseCommandLine(level, [], { LEVEL: 'x' })).toEqual({
    kind: 'problems',
    problems: ['--log-level (from LEVEL) expected one of info, found "x"'],
  });
});

test('parseCommandLine() answers --help and --version before it judges the rest', () => {
  expect(parseCommandLine(table, ['--port=x', '--help'], {})).toEqual({ kind: 'help' });
  expect(parseCommandLine(table, ['--version'], {})).toEqual({ kind: 'version' });
});

test('parseCommandLine() does not take names of Object.prototype for flags', () => {
  expect(parseCommandLine({}, ['--constructor=1', '--__proto__=2'], {})).toMatchObject({ kind: 'problems' });
});

test('helpText() shows each flag with its default and environment variable', () => {
  const shown = helpText('tacho-agent', 'Reads cgroups.', table);
  expect(shown).toContain('Usage: tacho-agent [flags]');
  expect(shown).toContain('--metric-resolution=DURATION\n      Period. (default 5s)');
  expect(shown).toContain('Name of this node. (or NODE_NAME in the environment)');
});

test('textList() says which of its texts has not the expected shape', () => {
  const list = { path: textList({ help: '', shape: { pattern: /^\//, expected: 'an absolute path' } }) };
  expect(parseCommandLine(list, ['--path=/a,b', '--path=c'], {})).toEqual({
    kind: 'problems',
    problems: ['--path expected an absolute path, found "b", "c"'],
  });
  expect(parseCommandLine(list, ['--path=/a'], {})).toMatchObject({ kind: 'run', values: { path: ['/a'] } });
});

test('parseCommandLine() tells problems between flags beside those of single flags', () => {
  const periods = {
    period: duration({ help: '', default: '5s', min: '1s', max: '60s' }),
    window: duration({ help: '', default: '10s', min: '1s', max: '10m' }),
  };
  const relation = ({ period, window }: { period?: number; window?: number }) =>
    period !== undefined && window !== undefined && window < period ? ['window below period'] : [];
  const parse = (...args: string[]) => parseCommandLine(periods, args, {}, relation);
  expect(parse('--window=2s', '--bogus')).toEqual({
    kind: 'problems',
    problems: ['--bogus is not a flag of this program', 'window below period'],
  });
  expect(parse('--window=x')).toMatchObject({
    kind: 'problems',
    problems: [expect.stringContaining('--window')],
  });
  expect(parse('--window=5s')).toMatchObject({ kind: 'run' });
});
