import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startProgram } from '../one-machine/program.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';

const main = new URL('../../aggregator/src/main.ts', import.meta.url);
const agentMain = new URL('../../agent/src/main.ts', import.meta.url);
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
      '--tls=files',
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

test('tacho-aggregator outside of a pod asks for --kubeconfig and ends', async () => {
  const { status, stdout } = runs(main);
  expect(status).toBe(1);
  expect(stdout).toContain('outside of one give --kubeconfig');
});

test('tacho-aggregator with metrics-server’s own arguments starts, makes its pair and warns in one line', async () => {
  const program = startProgram(
    'aggregator',
    main,
    [
      ...['--bind-address=127.0.0.1', '--secure-port=0', '--ingest-port=0', `--cert-dir=${file('pair')}`],
      ...[
        '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
        '--kubelet-use-node-status-port',
      ],
      ...['--kubelet-insecure-tls', '--metric-resolution=15s', '-v', '2', '--kubeconfig', file('kubeconfig')],
    ],
    { logFile: file('metrics-server.log') },
  );
  expect(await program.logged('aggregator listens')).toMatchObject({ periodMs: 15_000 });
  process.kill(program.pid, 'SIGTERM');
  expect(await program.ended).toBe('aggregator ended with exit code 0');
  const warnings = readFileSync(file('metrics-server.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"level":40') && !line.includes('"component"'))
    .map((line) => JSON.parse(line).msg);
  expect(warnings).toEqual([
    'accepted, but without effect: --kubelet-preferred-address-types, --kubelet-use-node-status-port, --kubelet-insecure-tls (no kubelet is asked: agents push)',
  ]);
  expect(readFileSync(join(file('pair'), 'apiserver.crt'), 'utf8')).toContain('BEGIN CERTIFICATE');
});

test('tacho-aggregator ends cleanly on SIGTERM', async () => {
  const program = start(0);
  await program.logged('aggregator listens');
  process.kill(program.pid, 'SIGTERM');
  expect(await program.ended).toBe('aggregator ended with exit code 0');
});

const runs = (program: URL, ...args: string[]) => {
  const { status, stderr, stdout } = spawnSync(process.execPath, [fileURLToPath(program), ...args], {
    encoding: 'utf8',
    env: {},
  });
  return { status, stderr, stdout };
};

test.each([
  ['tacho-agent', agentMain, []],
  ['tacho-aggregator', main, ['--tls=files']],
])('%s --help teaches, --version tells, wrong flags are told all at once', (name, program, missing) => {
  const help = runs(program, '--help');
  expect(help).toMatchObject({ status: 0, stderr: '' });
  expect(help.stdout).toMatch(new RegExp(`^Usage: ${name} \\[flags\\]`));
  expect(runs(program, '--version').stdout).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\n$`));
  const wrong = runs(program, '--log-level=loud', '--bogus', 'stray', ...missing);
  expect(wrong).toMatchObject({ status: 2, stdout: '' });
  for (const said of ['--log-level', '--bogus', 'stray', 'is required', '--help'])
    expect(wrong.stderr).toContain(said);
});

test('tacho-agent without anybody to push to keeps trying, says why once, and ends cleanly on SIGTERM', async () => {
  const program = startProgram(
    'agent',
    agentMain,
    [
      '--aggregator=localhost:1',
      `--aggregator-ca-file=${file('serving.crt')}`,
      `--token-file=${file('serving.key')}`,
    ],
    { logFile: file('agent-log') },
  );
  await program.logged('stream to aggregator ended');
  process.kill(program.pid, 'SIGTERM');
  expect(await program.ended).toBe('agent ended with exit code 0');
  expect(program.tail()).not.toContain('PRIVATE KEY');
});
