import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { until } from '../kernel/checks/until.ts';
import { removeStale } from '../stand-ins/kubelet/stale-workloads.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const main = fileURLToPath(new URL('../one-machine/main.ts', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));
const privileged = test.skipIf((await cgroupRefusal('npm-start.test.ts')) !== undefined);

interface Run {
  readonly pid: number;
  readonly output: () => string;
  readonly exitCode: Promise<number | null>;
  readonly child: ChildProcess;
}

const runs: Run[] = [];

/** Starts `npm start`'s program, with a command before it such as setpriv. */
function start(args: readonly string[], before: readonly string[] = []): Run {
  const [command = process.execPath, ...rest] = [...before, process.execPath, main, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], cwd: '/' });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  const exitCode = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const run = { pid: child.pid ?? -1, output: () => text, exitCode, child };
  runs.push(run);
  return run;
}

afterEach(async () => {
  for (const { child, exitCode } of runs.splice(0)) {
    child.kill('SIGKILL');
    await exitCode;
  }
  await removeStale();
});

/** Processes that have the text in their command line, a run's own folder for example. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return line.includes(text) && readlinkSync(`/proc/${pid}/exe`) !== '' ? [`${pid} ${line}`] : [];
      } catch {
        return [];
      }
    });
}

/** Cgroups and folders that carry the run's name, `tacho-<pid>-…`. */
function leftOf(pid: number): string[] {
  const hierarchies = readdirSync('/sys/fs/cgroup').map((name) => join('/sys/fs/cgroup', name));
  return ['/sys/fs/cgroup', ...hierarchies, tmpdir(), '/var/tmp'].flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => name.startsWith(`tacho-${pid}-`))
        .map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
}

privileged('npm start shows the table within 30 s and leaves nothing after SIGINT', async () => {
  const run = start([]);
  const tookMs = await until('the table', () => /^default +memory +main/m.test(run.output()), 30_000);
  expect(tookMs).toBeLessThan(30_000);
  expect(run.output()).toMatch(/KUBECONFIG=\S+ \S*kubectl top nodes/);
  const [, folder = ''] = /KUBECONFIG=(\S+)\/kubeconfig/.exec(run.output()) ?? [];
  expect(existsSync(folder)).toBe(true);
  expect(processesWith(folder).length).toBeGreaterThanOrEqual(2);
  run.child.kill('SIGINT');
  expect(await run.exitCode).toBe(0);
  expect(processesWith(folder)).toEqual([]);
  expect(leftOf(run.pid)).toEqual([]);
});

privileged(
  'npm start that dies of SIGKILL takes its processes with it, and the next start removes the rest',
  async () => {
    const run = start([]);
    await until('the table', () => run.output().includes('NAMESPACE'), 30_000);
    const [, folder = ''] = /KUBECONFIG=(\S+)\/kubeconfig/.exec(run.output()) ?? [];
    run.child.kill('SIGKILL');
    await run.exitCode;
    await until('no process', () => processesWith(folder).length === 0, 10_000);
    expect(leftOf(run.pid)).not.toEqual([]);
    await removeStale();
    expect(leftOf(run.pid)).toEqual([]);
  },
);

privileged('npm start whose agent dies says so, fails and leaves nothing', async () => {
  const run = start([]);
  await until('the table', () => run.output().includes('NAMESPACE'), 30_000);
  const [, folder = ''] = /KUBECONFIG=(\S+)\/kubeconfig/.exec(run.output()) ?? [];
  const [agent = ''] = processesWith(`${folder}/token-`);
  process.kill(Number.parseInt(agent, 10), 'SIGKILL');
  expect(await run.exitCode).toBe(1);
  expect(run.output()).toContain('agent ended with SIGKILL');
  expect(processesWith(folder)).toEqual([]);
  expect(leftOf(run.pid)).toEqual([]);
});

const isRoot = process.getuid?.() === 0;
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));
const reachable = isReachableByOthers(repository);
if (!isRoot || setpriv === undefined || !reachable) {
  process.stdout.write(
    'npm start as an ordinary user is skipped: needs root, setpriv and a repository that others may read\n',
  );
}

test.skipIf(!isRoot || setpriv === undefined || !reachable)(
  'npm start as a user without rights on cgroups says why in one line and shows the node',
  async () => {
    const ordinary = [
      setpriv ?? '',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
      'env',
      'HOME=/nonexistent',
    ];
    const run = start([], ordinary);
    await until('the table', () => run.output().includes('(no pods to show)'), 60_000);
    run.child.kill('SIGINT');
    expect(await run.exitCode).toBe(0);
    expect(run.output().match(/^No workloads: .+$/gm)).toHaveLength(1);
    expect(run.output()).toMatch(/^NODE +CPU +MEMORY +WINDOW +AGE\n\S+ +\d+m +[\d.]+Mi/m);
    expect(run.output()).toContain('(no pods to show)');
  },
);

/** Whether every folder down to here lets anybody through. */
function isReachableByOthers(path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.every((_, at) => (statSync(`/${parts.slice(0, at + 1).join('/')}`).mode & 0o001) !== 0);
}
