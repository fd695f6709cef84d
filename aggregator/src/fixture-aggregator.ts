import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { expect } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { aggregatorUsername } from '../../test/stand-ins/kube-apiserver/authorization.ts';
import type { StandInKubeApiserver } from '../../test/stand-ins/kube-apiserver/kube-apiserver.ts';
import { runAggregator } from './aggregator.ts';
import type { AggregatorConfig } from './config.ts';
import { keptLog } from './fixture-log.ts';

/** The whole aggregator on free ports, in namespace tacho, with its defaults but for what is given. */
export async function startAggregator(
  apiserver: StandInKubeApiserver,
  given: Partial<AggregatorConfig> = {},
) {
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
      ...given,
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
  return { securePort, ingestPort, lines, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** What a listener shows to one who trusts this CA, PEM, or the code of why he does not; to anybody without a CA. */
export function shown(
  port: number,
  servername: string,
  ca: string | undefined,
  options: ConnectionOptions = {},
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const trust = ca === undefined ? { rejectUnauthorized: false } : { ca };
    const socket = connect({
      host: '127.0.0.1',
      port,
      servername,
      ALPNProtocols: ['h2', 'http/1.1'],
      ...trust,
      ...options,
    })
      .on('error', ({ code }: NodeJS.ErrnoException) => resolve(code))
      .on('secureConnect', () => {
        resolve(socket.getPeerX509Certificate()?.toString());
        socket.destroy();
      });
  });
}

/** Status line, headers and body of an answer, whoever has signed the certificate. */
export async function httpGet(port: number, path: string, token?: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const authorization = token === undefined ? '' : `Authorization: Bearer ${token}\r\n`;
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n${authorization}Connection: close\r\n\r\n`);
  return Buffer.concat(await socket.toArray()).toString();
}
