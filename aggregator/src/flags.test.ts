import { parseCommandLine } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { aggregatorFlags, flagRelations } from './flags.ts';

const parse = (args: readonly string[], env = {}) =>
  parseCommandLine(aggregatorFlags, args, env, flagRelations);

test('aggregatorFlags need nothing: certificates are self-managed, in the namespace of the pod', () => {
  expect(parse([], { POD_NAMESPACE: 'monitoring' })).toMatchObject({
    kind: 'run',
    values: {
      tls: 'self-managed',
      namespace: 'monitoring',
      service: 'tacho-aggregator',
      'ingest-service': 'tacho-ingest',
      'tls-secret': 'tacho-aggregator-tls',
      'ca-config-map': 'tacho-aggregator-ca',
    },
  });
  expect(parse([])).toMatchObject({ values: { namespace: 'kube-system' } });
});

test.each([
  [
    ['--tls=files', '--secure-port=1', '--ingest-port=1'],
    [
      '--tls-cert-file is required with --tls=files',
      '--tls-private-key-file is required with --tls=files',
      '--ingest-port expected another port than --secure-port, found 1 for both',
    ],
  ],
  [['--tls=files', '--tls-cert-file=c'], ['--tls-private-key-file is required with --tls=files']],
  [
    ['--tls=files', '--tls-cert-file=', '--tls-private-key-file=k'],
    ['--tls-cert-file expected some text, found ""'],
  ],
  [['--tls-cert-file=c'], ['--tls-cert-file expected --tls=files beside it, found --tls=self-managed']],
  [['--tls=none'], ['--tls expected one of self-managed, files, found "none"']],
])('flagRelations() of %j tells every problem at once', (args, problems) => {
  expect(parse(args)).toEqual({ kind: 'problems', problems });
});
