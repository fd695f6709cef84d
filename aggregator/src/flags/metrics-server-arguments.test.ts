import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCommandLine } from '@tacho/command-line';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregatorFlags, flagRelations } from '../flags.ts';
import { metricsServerFlags } from './fixture-metrics-server-flags.ts';
import { logLevelOf } from './logging-flags.ts';

const parse = (...args: readonly string[]) => parseCommandLine(aggregatorFlags, args, {}, flagRelations);

test('every flag of metrics-server is known', () => {
  expect(metricsServerFlags).toHaveLength(102);
  expect(metricsServerFlags.filter((name) => !Object.hasOwn(aggregatorFlags, name))).toEqual([]);
});

test('every flag of metrics-server is explained in docs/metrics-server-arguments.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/metrics-server-arguments.md'), 'utf8');
  const explained = (name: string) =>
    page.includes(`\`--${name}\``) ||
    [...page.matchAll(/`--([a-z0-9-]+)-\*`/g)].some(([, prefix]) => name.startsWith(`${prefix}-`));
  expect(metricsServerFlags.filter((name) => !explained(name))).toEqual([]);
});

test('the arguments of metrics-server’s own manifest start, with one warning', () => {
  expect(
    parse(
      '--cert-dir=/tmp',
      '--secure-port=10250',
      '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
      '--kubelet-use-node-status-port',
      '--metric-resolution=15s',
    ),
  ).toMatchObject({
    kind: 'run',
    values: { 'cert-dir': '/tmp', 'secure-port': 10_250, 'metric-resolution': 15_000 },
    warnings: [
      'accepted, but without effect: --kubelet-preferred-address-types, --kubelet-use-node-status-port (no kubelet is asked: agents push)',
    ],
  });
});

test('an empty text is none, as with Go’s flags: charts leave what is not set empty', () => {
  const files = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig', 'client-ca-file'];
  const tls = ['requestheader-client-ca-file', 'tls-cert-file', 'tls-private-key-file', 'cert-dir'];
  const names = [...files, ...tls, 'node-selector', 'tls-min-version', 'tls-cipher-suites'];
  expect(parse('--bind-address=', ...names.map((name) => `--${name}=`))).toMatchObject({
    kind: 'run',
    values: {
      'bind-address': '::',
      'tls-min-version': 'TLSv1.2',
      ...Object.fromEntries(files.map((name) => [name, undefined])),
    },
    warnings: [],
  });
});

test('what is accepted without effect is so in any order and either spelling, with one warning', () => {
  const kubelet = metricsServerFlags.filter((name) => name.includes('kubelet') || name.startsWith('audit-'));
  const argument = fc.tuple(fc.constantFrom(...kubelet), fc.string({ minLength: 1 })).map(([name, value]) => {
    const isBare = aggregatorFlags[name as keyof typeof aggregatorFlags].bare === true;
    if (isBare) return [value.length % 2 === 0 ? `--${name}` : `--${name}=false`];
    return value.startsWith('-') ? [`--${name}=${value}`] : [`--${name}`, value];
  });
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 8 }), (given) => {
      const line = parse(...given.flat());
      expect(line).toMatchObject({
        kind: 'run',
        warnings: [expect.stringContaining('accepted, but without effect')],
      });
    }),
  );
});

test('the arguments that people add for test clusters start', () => {
  expect(
    parse(
      ...['--kubelet-insecure-tls', '--v=2', '--logging-format=text', '--profiling=false'],
      ...['--authorization-always-allow-paths=/metrics', '-l', 'kubernetes.io/os=linux'],
      ...['--tls-min-version=VersionTLS11', '--logtostderr', '--feature-gates=A=true'],
    ),
  ).toMatchObject({
    kind: 'run',
    values: { 'node-selector': 'kubernetes.io/os=linux', 'tls-min-version': 'TLSv1.2' },
    warnings: [
      '--tls-min-version VersionTLS11 is too old to be spoken; VersionTLS12 holds',
      '--logging-format text is not written here; json holds',
      expect.stringMatching(
        /^accepted, but without effect: --kubelet-insecure-tls .*--profiling .*--logtostderr .*--feature-gates /,
      ),
    ],
  });
});

test.each([
  [['--tls-sni-cert-key=a.crt,a.key'], [{ certFile: 'a.crt', keyFile: 'a.key', names: [] }]],
  [
    ['--tls-sni-cert-key', 'a.crt,a.key:*.x.y,z', '--tls-sni-cert-key=b.crt, b.key'],
    [
      { certFile: 'a.crt', keyFile: 'a.key', names: ['*.x.y', 'z'] },
      { certFile: 'b.crt', keyFile: 'b.key', names: [] },
    ],
  ],
])('--tls-sni-cert-key of %j', (args, pairs) => {
  expect(parse(...args)).toMatchObject({ kind: 'run', values: { 'tls-sni-cert-key': pairs } });
});

test.each(['a.crt', 'a.crt,a.key:', 'a,b,c', ',a.key', 'a.crt,a.key:x,'])(
  '--tls-sni-cert-key=%s is refused',
  (text) => {
    expect(parse(`--tls-sni-cert-key=${text}`)).toEqual({
      kind: 'problems',
      problems: [`--tls-sni-cert-key expected CERT,KEY or CERT,KEY:NAME,NAME, found "${text}"`],
    });
  },
);

test.each([
  ['VersionTLS14', '--tls-min-version expected one of VersionTLS10, '],
  ['TLSv1.2', '--tls-min-version expected one of VersionTLS10, '],
])('--tls-min-version=%s is refused', (text, problem) => {
  expect(parse(`--tls-min-version=${text}`)).toEqual({
    kind: 'problems',
    problems: [expect.stringContaining(problem)],
  });
});

test.each([
  [0, 'info'],
  [3, 'info'],
  [4, 'debug'],
  [10, 'debug'],
])('logLevelOf() of -v=%i is %s', (verbosity, level) => expect(logLevelOf(verbosity)).toBe(level));
