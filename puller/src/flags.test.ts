import { parseCommandLine } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { flagRelations, preferredAddressTypes, pullerFlags } from './flags.ts';

function read(...args: readonly string[]) {
  const line = parseCommandLine(
    pullerFlags('puller-0'),
    ['--aggregator=tacho:443', ...args],
    {},
    flagRelations,
  );
  return line.kind === 'run' ? line.values : line;
}

test('pullerFlags() need the aggregator alone, and know metrics-server’s spelling of the rest', () => {
  expect(read()).toMatchObject({
    ...{ 'puller-name': 'puller-0', 'pull-period': 10_000, 'kubelet-port': 10_250 },
    ...{
      'kubelet-insecure-tls': false,
      'kubelet-use-node-status-port': false,
      'kubelet-request-timeout': 10_000,
    },
  });
  const values = read(
    ...[
      '--kubelet-preferred-address-types=Hostname,InternalDNS',
      '--kubelet-insecure-tls',
      '--kubelet-port',
      '10255',
    ],
    ...['--kubelet-use-node-status-port', '--kubelet-request-timeout=1m0s', '--pull-period=15s'],
  );
  expect(values).toMatchObject({
    'kubelet-preferred-address-types': ['Hostname', 'InternalDNS'],
    ...{ 'kubelet-insecure-tls': true, 'kubelet-port': 10_255, 'kubelet-use-node-status-port': true },
    ...{ 'kubelet-request-timeout': 60_000, 'pull-period': 15_000 },
  });
});

test.each([
  ['--kubelet-preferred-address-types=InternalIp', /InternalIp/],
  ['--kubelet-client-key=k', /belong together/],
  ['--kubelet-client-certificate=c', /belong together/],
  ['--pull-period=1h', /1s to 60s/],
  ['--kubelet-port=0', /from 1 to 65535/],
  ['--aggregator=10.0.0.1:443', /--aggregator-server-name/],
])('pullerFlags() refuse %s', (arg, words) => {
  const { problems = [] } = read(arg) as { problems?: readonly string[] };
  expect(problems.join()).toMatch(words);
});

test('preferredAddressTypes() are metrics-server’s manifest’s where none are given', () => {
  expect(preferredAddressTypes([])).toEqual(['InternalIP', 'ExternalIP', 'Hostname']);
  expect(preferredAddressTypes(['Hostname'])).toEqual(['Hostname']);
});
