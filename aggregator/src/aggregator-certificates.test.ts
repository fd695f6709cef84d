import { readFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { startKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { httpGet, shown, startAggregator } from './fixture-aggregator.ts';
import { mountPair } from './trust/fixture-pair-files.ts';
import { startTrust } from './trust/fixture-trust.ts';

test('runAggregator() without a Secret answers probes but serves nobody; with one both listeners verify, and follow it', async () => {
  await using trust = await startTrust();
  const { apiserver } = trust.cluster;
  await using aggregator = await startAggregator(apiserver);
  const { securePort, ingestPort } = aggregator;
  expect(await httpGet(securePort, '/readyz?verbose')).toMatch(
    /^HTTP\/1\.1 500[\s\S]*\[-\]certificates-loaded failed/,
  );
  expect(await shown(ingestPort, 'tacho-ingest.tacho.svc', undefined)).toBe('ECONNRESET');

  trust.install();
  const verified = (port: number, name: string) => shown(port, `${name}.tacho.svc`, trust.publishedCa());
  await eventually(async () => {
    const cert = trust.secret()['tls.crt'];
    expect(cert).toBeDefined();
    expect(await verified(securePort, 'tacho-aggregator')).toBe(cert);
    expect(await verified(ingestPort, 'tacho-ingest')).toBe(cert);
  });
  await eventually(async () =>
    expect(await httpGet(securePort, '/readyz?verbose')).toMatch(/^HTTP\/1\.1 200/),
  );

  await using other = await startTrust();
  other.install();
  await other.start();
  await eventually(() => expect(other.secret()['tls.crt']).toBeDefined());
  trust.editSecret(other.secret());
  await eventually(async () => {
    const cert = other.secret()['tls.crt'];
    expect(await verified(securePort, 'tacho-aggregator')).toBe(cert);
    expect(await verified(ingestPort, 'tacho-ingest')).toBe(cert);
  });
});

const names = ['tacho-aggregator.tacho.svc', 'tacho-ingest.tacho.svc'] as const;

test('runAggregator() with files follows them on both ports', async () => {
  await using apiserver = await startKubeApiserver();
  const { servingCa } = apiserver.pki;
  const [first, next] = await Promise.all([
    servingCa.issueServing([...names]),
    servingCa.issueServing([...names]),
  ]);
  using mount = mountPair(first);
  await using aggregator = await startAggregator(apiserver, { tls: { kind: 'files', ...mount.files } });
  const both = () =>
    Promise.all([
      shown(aggregator.securePort, names[0], servingCa.certificate),
      shown(aggregator.ingestPort, names[1], servingCa.certificate),
    ]);
  await eventually(async () => expect(await both()).toEqual([first.certificate, first.certificate]));
  mount.exchange(next);
  await eventually(async () => expect(await both()).toEqual([next.certificate, next.certificate]));
});

test('runAggregator() with a folder makes the pair there, which who has been given it verifies on both ports', async () => {
  await using apiserver = await startKubeApiserver();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tacho-cert-dir-'));
  await using aggregator = await startAggregator(apiserver, {
    tls: { kind: 'cert-dir', folder: folder.path },
  });
  const certificate = readFileSync(join(folder.path, 'apiserver.crt'), 'utf8');
  await eventually(async () =>
    expect(await shown(aggregator.ingestPort, names[1], certificate)).toBe(certificate),
  );
  expect(await shown(aggregator.securePort, names[0], certificate)).toBe(certificate);
  expect(await shown(aggregator.securePort, 'localhost', certificate)).toBe(certificate);
  expect(await shown(aggregator.securePort, names[0], apiserver.pki.servingCa.certificate)).toBe(
    'DEPTH_ZERO_SELF_SIGNED_CERT',
  );
});

test('runAggregator() speaks the TLS that it is told on the port of the metrics API', async () => {
  await using apiserver = await startKubeApiserver();
  await using folder = await mkdtempDisposable(join(tmpdir(), 'tacho-cert-dir-'));
  const tls = { kind: 'cert-dir', folder: folder.path } as const;
  const speaks = async (port: number, options: Parameters<typeof shown>[3]) =>
    (await shown(port, 'localhost', undefined, options))?.startsWith('-----BEGIN') === true;
  const old = { maxVersion: 'TLSv1.2' } as const;
  {
    await using strict = await startAggregator(apiserver, { tls, tlsProtocol: { minVersion: 'TLSv1.3' } });
    expect([await speaks(strict.securePort, old), await speaks(strict.securePort, {})]).toEqual([
      false,
      true,
    ]);
  }
  const suites = 'TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256';
  await using some = await startAggregator(apiserver, {
    tls,
    tlsProtocol: { minVersion: 'TLSv1.2', ciphers: suites, ecdhCurve: 'P-256' },
  });
  const speaksAll = (...options: Parameters<typeof shown>[3][]) =>
    Promise.all(options.map((each) => speaks(some.securePort, each)));
  expect(
    await speaksAll(
      { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
      { ...old, ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384' },
      { ciphers: 'TLS_AES_128_GCM_SHA256' },
      { ciphers: 'TLS_AES_256_GCM_SHA384' },
      { ecdhCurve: 'P-256' },
      { ecdhCurve: 'X25519' },
    ),
  ).toEqual([true, false, true, false, true, false]);
});
