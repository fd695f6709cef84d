import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, test, vi } from 'vitest';
import { aggregatorUsername } from '../../test/stand-ins/kube-apiserver/authorization.ts';
import type { StandInKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { runAggregator } from './aggregator.ts';
import { keptLog } from './fixture-log.ts';
import { startTrust } from './trust/fixture-trust.ts';

const eventually = <Outcome>(assertion: () => Outcome | Promise<Outcome>) =>
  vi.waitFor(assertion, { interval: 10, timeout: 5_000 });

/** The whole aggregator with its default for certificates, on free ports. */
async function start(apiserver: StandInKubeApiserver) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await mkdtempDisposable(join(tmpdir(), 'tacho-aggregator-')));
  const kubeconfigFile = join(folder.path, 'kubeconfig');
  const token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
  writeFileSync(kubeconfigFile, await apiserver.kubeconfig({ token }));
  const { log, lines } = keptLog();
  const stop = new AbortController();
  const ended = runAggregator(
    {
      version: '0.1.0',
      ...{ periodMs: 5_000, windowMs: 10_000, bindAddress: '127.0.0.1', securePort: 0, ingestPort: 0 },
      tls: { kind: 'self-managed', secret: 'tacho-aggregator-tls', caConfigMap: 'tacho-aggregator-ca' },
      kubeconfigFile,
      kubernetesService: { host: undefined, port: undefined },
      ...{ namespace: 'tacho', service: 'tacho-aggregator', ingestService: 'tacho-ingest' },
      ...{ shutdownDelayMs: 0, agentAudience: 'tacho-aggregator', agentUsername: 'x' },
    },
    log,
    stop.signal,
  );
  stack.defer(async () => {
    stop.abort();
    await ended;
  });
  const { securePort, ingestPort } = await eventually(() => {
    const line = lines.find(({ msg }) => msg === 'aggregator listens');
    expect(line).toBeDefined();
    return { securePort: Number(line?.['securePort']), ingestPort: Number(line?.['ingestPort']) };
  });
  const owned = stack.move();
  return { securePort, ingestPort, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a listener shows to one who trusts this CA, PEM, or the code of why he does not. */
function shown(port: number, servername: string, ca: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...trust,
    })
      .on('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
      .on('secureConnect', () => {
        resolve(socket.getPeerX509Certificate()?.toString());
        socket.destroy();
      });
  });
}

/** Status and body of /readyz, whoever has signed the certificate. */
async function readyz(port: number): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  return Buffer.concat(await socket.toArray()).toString();
}

test('runAggregator() without a Secret answers probes but serves nobody; with one both listeners verify, and follow it', async () => {
  await using trust = await startTrust();
  const { apiserver } = trust.cluster;
  await using aggregator = await start(apiserver);
  const { securePort, ingestPort } = aggregator;
  expect(await readyz(securePort)).toMatch(/^HTTP\/1\.1 500[\s\S]*\[-\]certificates-loaded failed/);
  expect(await shown(ingestPort, 'tacho-ingest.tacho.svc', undefined)).toBe('ECONNRESET');

  trust.install();
  const verified = (port: number, name: string) => shown(port, `${name}.tacho.svc`, trust.publishedCa());
  await eventually(async () => {
    const cert = trust.secret()['tls.crt'];
    expect(cert).toBeDefined();
    expect(await verified(securePort, 'tacho-aggregator')).toBe(cert);
    expect(await verified(ingestPort, 'tacho-ingest')).toBe(cert);
  });
  await eventually(async () => expect(await readyz(securePort)).toMatch(/^HTTP\/1\.1 200/));

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
