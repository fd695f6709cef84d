import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { cgroupDirectories, readCgroupFigures } from '../stand-ins/kubelet/container-figures.ts';
import type { ContainerRestart } from '../stand-ins/kubelet/pod.ts';
import { demoPods } from '../stand-ins/kubelet/pod-spec.ts';
import { removeStale } from '../stand-ins/kubelet/stale-workloads.ts';
import { startWorkloads, type Workloads, type WorkloadsOptions } from '../stand-ins/kubelet/workloads.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const MIB = 1024 * 1024;
const kubeletDir = new URL('../stand-ins/kubelet/', import.meta.url).pathname;

const privileged = test.skipIf((await cgroupRefusal('workloads.test.ts')) !== undefined);

let tempDir = '';
beforeEach(() => {
  // Not below a tmpfs, where the workload could not have cached pages of a file.
  tempDir = mkdtempSync('/var/tmp/workloads-');
});
afterEach(() => {
  expect(readdirSync(tempDir)).toEqual([]);
  rmSync(tempDir, { recursive: true });
});

async function start(options: WorkloadsOptions = {}): Promise<Workloads> {
  const workloads = await startWorkloads({ tempDir, ...options });
  if (workloads.kind === 'refused') throw new Error(workloads.reason);
  onTestFinished(() => workloads.close());
  return workloads;
}

function figuresOf(workloads: Workloads, podName: string) {
  const [container] = workloads.pods.find(({ name }) => name === podName)?.containers ?? [];
  if (!container) throw new Error(`no pod ${podName}`);
  return readCgroupFigures(workloads.cgroupVersion, container.cgroupPath);
}

const podSpec = (name: string) => {
  const spec = demoPods(1).find((candidate) => candidate.name === name);
  if (!spec) throw new Error(`no demo pod ${name}`);
  return spec;
};

async function until<Value>(what: string, look: () => Value | undefined): Promise<Value> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const value = look();
    if (value !== undefined) return value;
    if (performance.now() > deadline) throw new Error(`waited 30 s for ${what}`);
    await delay(50);
  }
}

privileged('startWorkloads() holds cpu-quota to a quarter of a core', async () => {
  const workloads = await start({ pods: [podSpec('cpu-quota')] });
  const look = () => figuresOf(workloads, 'cpu-quota');
  let cores = 0;
  // A machine with other work may give the spinner less than its quota for a while.
  for (let windows = 0; windows < 6 && cores <= 0.235; windows += 1) {
    const first = look();
    await delay(4000);
    const second = look();
    cores = (second.cpuUsec - first.cpuUsec) / (second.monotonicUsec - first.monotonicUsec);
    expect(cores).toBeLessThan(0.265);
  }
  expect(cores).toBeGreaterThan(0.235);
  await workloads.close();
});

privileged(
  'startWorkloads() holds memory at 128 MiB and leaves 64 MiB of cached file out of it',
  async () => {
    const workloads = await start({ pods: [podSpec('memory')] });
    const figures = await until('128 MiB of anonymous memory', () => {
      const now = figuresOf(workloads, 'memory');
      return now.anonymousBytes > 127 * MIB ? now : undefined;
    });
    expect(figures.anonymousBytes).toBeLessThan(131 * MIB);
    expect(figures.inactiveFileBytes).toBeGreaterThan(48 * MIB);
    expect(figures.workingSetBytes).toBeGreaterThan(128 * MIB);
    expect(figures.workingSetBytes).toBeLessThan(145 * MIB);
    await workloads.close();
  },
);

privileged('startWorkloads() runs idle without CPU to speak of', async () => {
  const workloads = await start({ pods: [podSpec('idle')] });
  // Its start costs some milliseconds, and on a busy machine these come late: what counts is that it comes to rest.
  let last = figuresOf(workloads, 'idle').cpuUsec;
  let restsSinceMs = performance.now();
  await until('a second in which idle used less than 0.1 ms of CPU', () => {
    const { cpuUsec } = figuresOf(workloads, 'idle');
    if (cpuUsec - last >= 100) {
      last = cpuUsec;
      restsSinceMs = performance.now();
    }
    return performance.now() - restsSinceMs >= 1000 ? true : undefined;
  });
  await workloads.close();
});

privileged(
  'startWorkloads() starts restarting anew under another ID and removes the old cgroup',
  async () => {
    const restarts: ContainerRestart[] = [];
    const workloads = await start({
      pods: [podSpec('restarting')],
      onRestart: (restart) => restarts.push(restart),
    });
    const { container, previous } = await until('a second restart', () => restarts[1]);
    expect(container.restartCount).toBe(2);
    expect(container.id).not.toBe(previous.id);
    expect(container.startedAt.monotonicMs).toBeGreaterThan(previous.startedAt.monotonicMs + 1000);
    expect(cgroupDirectories(workloads.cgroupVersion, previous.cgroupPath).filter(existsSync)).toEqual([]);
    const links = readdirSync(workloads.containerLogs);
    // Of the dead ones only the last keeps its link.
    expect(links.sort()).toEqual(
      [container, previous].map(({ id }) => `restarting_default_main-${id}.log`).sort(),
    );
    const target = readlinkSync(join(workloads.containerLogs, `restarting_default_main-${container.id}.log`));
    expect(basename(target)).toBe('2.log');
    await workloads.close();
  },
);

privileged('addPod() and deletePod() come and go without a trace', async () => {
  const workloads = await start({ pods: [] });
  const pod = await workloads.addPod({ ...podSpec('cpu-quota'), name: 'added', namespace: 'other' });
  const directories = pod.containers.flatMap(({ cgroupPath }) =>
    cgroupDirectories(workloads.cgroupVersion, cgroupPath),
  );
  expect(directories.filter(existsSync)).toEqual(directories);
  await workloads.deletePod('added');
  expect(directories.filter(existsSync)).toEqual([]);
  expect(readdirSync(workloads.containerLogs)).toEqual([]);
  expect(workloads.pods).toEqual([]);
  await workloads.close();
});

privileged(
  'close() leaves no process, cgroup or file, also in the middle of restarts and twice',
  async () => {
    const pods = Array.from({ length: 5 }, (_, index) => ({
      ...podSpec('restarting'),
      name: `restarting-${index}`,
      containers: [{ name: 'main', program: { kind: 'end-after', seconds: 0.01 } as const }],
    }));
    const failures: Error[] = [];
    const workloads = await start({ pods, onFailure: (failure) => failures.push(failure) });
    await delay(300);
    await Promise.all([workloads.close(), workloads.close()]);
    await workloads.close();
    expect(failures).toEqual([]);
    expect(processesNaming(basename(join(workloads.kubepodsPath, '..')))).toEqual([]);
  },
);

privileged('startWorkloads() cleans up when it fails half-way', async () => {
  const bad = {
    ...podSpec('idle'),
    name: 'bad',
    containers: [{ name: 'x'.repeat(300), program: { kind: 'sleep' } as const }],
  };
  await expect(startWorkloads({ tempDir, pods: [podSpec('idle'), bad] })).rejects.toThrow('ENAMETOOLONG');
});

privileged(
  'removeStale() sweeps what a killed owner has left, whose processes have ended by themselves',
  async () => {
    const owner = runScript([], `await startWorkloads({ tempDir: ${JSON.stringify(tempDir)} })`);
    await firstOutput(owner);
    owner.kill('SIGKILL');
    const left = `tacho-${owner.pid}-`;
    await until('the processes to end', () => (processesNaming(left).length === 0 ? true : undefined));
    const removed = await removeStale(undefined, tempDir);
    expect(removed.filter((path) => path.includes(left)).length).toBeGreaterThan(1);
    expect((await removeStale(undefined, tempDir)).filter((path) => path.includes(left))).toEqual([]);
  },
);

const canBecomeNobody = userInfo().uid === 0 && spawnSync('setpriv', ['--version']).status === 0;
test.skipIf(!canBecomeNobody)('startWorkloads() tells an ordinary user in one sentence why not', async () => {
  const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const text = await firstOutput(runScript(asNobody, 'await startWorkloads()'));
  const answer = JSON.parse(text) as { kind: string; reason: string };
  expect(answer.kind).toBe('refused');
  expect(answer.reason).toMatch(/^cgroups cannot be made by uid 65534: EACCES.*; run as root, or in /);
  expect(answer.reason).not.toContain('\n');
});

/** Runs a module that imports a copy of the stand-in which every user can read; prints the expression as JSON. */
function runScript(wrapper: readonly string[], expression: string): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'workloads-script-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  cpSync(kubeletDir, folder, { recursive: true });
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  const module = `import { startWorkloads } from '${folder}/workloads.ts'; console.log(JSON.stringify(${expression}))`;
  const [command = '', ...args] = [...wrapper, process.execPath, '--input-type=module', '-e', module];
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

function firstOutput(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk)));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`ended with ${code} and printed nothing`)));
  });
}

function processesNaming(name: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cgroup`, 'latin1').includes(`/${name}`);
    } catch {
      return false;
    }
  });
}
