import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../one-machine/program.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';

const main = new URL('../../aggregator/src/main.ts', import.meta.url);
let folder = '';
let apiserver: StandInKubeApiserver;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-aggregator-'));
  apiserver = await startKubeApiserver();
  const serving = await apiserver.pki.servingCa.issueServing(['localhost']);
  writeFileSync(file('serving.crt'), serving.certificate);
  writeFileSync(file('serving.key'), serving.key);
  const token = apiserver.issueToken({ username: 'nobody', groups: ['system:masters'] });
  writeFileSync(file('kubeconfig'), await apiserver.kubeconfig({ token }));
});
afterAll(async () => {
  await apiserver.close();
  rmSync(folder, { recursive: true });
});

const start = (securePort: number, kubeconfig = file('kubeconfig')) =>
  startProgram(
    'aggregator',
    main,
    [
      '--bind-address=127.0.0.1',
      '--ingest-port=0',
      `--tls-cert-file=${file('serving.crt')}`,
      `--tls-private-key-file=${file('serving.key')}`,
      `--kubeconfig=${kubeconfig}`,
      `--secure-port=${securePort}`,
    ],
    { logFile: file('log') },
  );

test('tacho-aggregator whose port is taken says so and ends', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const program = start((taken.address() as AddressInfo).port);
  expect((await program.logged('cannot go on'))['reason']).toContain('EADDRINUSE');
  expect(await program.ended).toBe('aggregator ended with exit code 1');
  taken.close();
});

test('tacho-aggregator without a usable kubeconfig says what was tried and ends', async () => {
  const program = start(0, file('missing'));
  expect((await program.logged('cannot go on'))['reason']).toMatch(/Cannot use --kubeconfig=.*missing/);
  expect(await program.ended).toBe('aggregator ended with exit code 1');
});

test('tacho-aggregator ends cleanly on SIGTERM', async () => {
  const program = start(0);
  await program.logged('aggregator listens');
  process.kill(program.pid, 'SIGTERM');
  expect(await program.ended).toBe('aggregator ended with exit code 0');
});
