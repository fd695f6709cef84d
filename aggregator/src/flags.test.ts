import { parseCommandLine } from '@tacho/command-line';
import { expect, test } from 'vitest';
import { configOf } from './config.ts';
import { aggregatorFlags, flagRelations, flagSections } from './flags.ts';

const parse = (args: readonly string[], env = {}) =>
  parseCommandLine(aggregatorFlags, args, env, flagRelations);

test('aggregatorFlags need nothing: certificates are self-managed, in the namespace of the pod', () => {
  expect(parse([], { POD_NAMESPACE: 'monitoring' })).toMatchObject({
    kind: 'run',
    values: {
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
    ['--tls-cert-file is required with --tls=files'],
  ],
  [['--tls-cert-file=c'], ['--tls-private-key-file is required with --tls-cert-file']],
  [['--tls-private-key-file=k'], ['--tls-cert-file is required with --tls-private-key-file']],
  [
    ['--tls=self-managed', '--tls-cert-file=c'],
    ['--tls-cert-file expected no --tls=self-managed beside it, found both'],
  ],
  [
    ['--node-selector=a==='],
    [expect.stringMatching(/^--node-selector expected a label selector such as a=b,c!=d, found "a===": /)],
  ],
  [['--pull=auto'], ['--puller-service-account is required with --pull=auto']],
  [['--pull=some'], ['--pull expected one of never, auto, all, found "some"']],
  [['--puller-service-account=x'], ['--puller-service-account expected NAMESPACE/NAME, found "x"']],
  [
    ['--agent-service-account=a/b', '--puller-service-account=a/b'],
    ['--puller-service-account expected another than --agent-service-account, found a/b for both'],
  ],
  [['--tls=none'], ['--tls expected one of self-managed, files, found "none"']],
])('flagRelations() of %j tells every problem at once', (args, problems) => {
  expect(parse(args)).toEqual({ kind: 'problems', problems });
});

const config = (...args: readonly string[]) => {
  const line = parse(args);
  if (line.kind !== 'run') throw new Error(JSON.stringify(line));
  return configOf(line.values, '1.2.3', { host: undefined, port: undefined });
};

test.each([
  [[], { kind: 'self-managed', secret: 'tacho-aggregator-tls', caConfigMap: 'tacho-aggregator-ca' }],
  [['--cert-dir=/tmp'], { kind: 'cert-dir', folder: '/tmp' }],
  [
    ['--cert-dir=/tmp', '--tls-cert-file=c', '--tls-private-key-file=k'],
    { kind: 'files', certFile: 'c', keyFile: 'k' },
  ],
  [
    ['--tls=files', '--tls-cert-file=c', '--tls-private-key-file=k'],
    { kind: 'files', certFile: 'c', keyFile: 'k' },
  ],
  [['--tls=self-managed', '--cert-dir=/tmp', '--tls-secret=s'], { kind: 'self-managed', secret: 's' }],
])('configOf() of %j takes the certificate from where metrics-server would', (args, tls) => {
  expect(config(...args).tls).toMatchObject(tls);
});

test('configOf() gives every flag of authentication and authorization its field', () => {
  expect(config()).toMatchObject({
    authentication: { skipLookup: false, tolerateLookupFailure: false, tokenTtlMs: 10_000, allowedNames: [] },
    authorization: {
      alwaysAllowPaths: ['/healthz', '/readyz', '/livez'],
      allowedTtlMs: 10_000,
      deniedTtlMs: 10_000,
    },
  });
  expect(
    config(
      ...['--client-ca-file=a', '--requestheader-client-ca-file=b', '--requestheader-allowed-names=x,y'],
      ...['--requestheader-username-headers=U', '--requestheader-uid-headers=I'],
      ...['--requestheader-group-headers=G,H', '--requestheader-extra-headers-prefix=E-'],
      ...['--authentication-skip-lookup', '--authentication-tolerate-lookup-failure=true'],
      ...['--authentication-token-webhook-cache-ttl=1m', '--authorization-always-allow-paths=/metrics,/x/*'],
      ...[
        '--authorization-webhook-cache-authorized-ttl=5s',
        '--authorization-webhook-cache-unauthorized-ttl=0s',
      ],
      ...['--kubeconfig=k', '--authentication-kubeconfig=kn', '--authorization-kubeconfig=kz'],
    ),
  ).toMatchObject({
    kubeconfigFile: 'k',
    authenticationKubeconfigFile: 'kn',
    authorizationKubeconfigFile: 'kz',
    authentication: {
      skipLookup: true,
      tolerateLookupFailure: true,
      tokenTtlMs: 60_000,
      clientCaFile: 'a',
      requestHeaderCaFile: 'b',
      allowedNames: ['x', 'y'],
      usernameHeaders: ['U'],
      uidHeaders: ['I'],
      groupHeaders: ['G', 'H'],
      extraHeaderPrefixes: ['E-'],
    },
    authorization: { alwaysAllowPaths: ['/metrics', '/x/*'], allowedTtlMs: 5_000, deniedTtlMs: 0 },
  });
});

test('configOf() has watch not advertised and swap served unless flags say otherwise', () => {
  expect(config()).toMatchObject({ advertiseWatch: false, swap: true });
  expect(config('--advertise-watch', '--swap=false')).toMatchObject({ advertiseWatch: true, swap: false });
});

test('configOf() has nothing pulled and no puller accepted unless flags say otherwise', () => {
  expect(config()).toMatchObject({ pull: undefined, pullerUsername: undefined });
  expect(config('--pull=auto', '--puller-service-account=a/b', '--pull-node-selector= x=y ')).toMatchObject({
    pull: { mode: 'auto', nodeSelector: 'x=y' },
    pullerUsername: 'system:serviceaccount:a:b',
  });
});

test('flagSections hold each flag once', () => {
  const shown = Object.values(flagSections).flatMap((table) => Object.keys(table));
  expect(shown.toSorted()).toEqual(Object.keys(aggregatorFlags).toSorted());
});
