import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeReport } from '@tacho/proto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WatchedAgent } from '../bench/watched-agent.ts';
import { until } from '../kernel/checks/until.ts';
import { shortestOf } from '../shortest-of.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads } from '../stand-ins/kubelet/workloads.ts';
import { cgroupRefusal } from './cgroup-rights.ts';

const refusal = await cgroupRefusal('agent-load.test.ts');
const periodUsec = 1_000_000;
const containersPerPod = 10;

const podSpec = (pod: number): PodSpec => ({
  namespace: 'load',
  name: `pod-${pod}`,
  labels: {},
  qosClass: 'BestEffort',
  containers: Array.from({ length: containersPerPod }, (_, at) => ({
    name: `c${at}`,
    program: { kind: 'sleep' },
  })),
});

/** An agent beside so many sleeping containers. */
async function start(containers: number, wrapper: readonly string[] = [], more: readonly string[] = []) {
  const pods = Array.from({ length: containers / containersPerPod }, (_, pod) => podSpec(pod));
  const workloads = await startWorkloads({ pods });
  if (workloads.kind === 'refused') throw new Error(workloads.reason);
  onTestFinished(() => workloads.close());
  const args = [
    `--kubepods-path=${workloads.kubepodsPath}`,
    `--container-logs=${workloads.containerLogs}`,
    ...more,
  ];
  const watched = await WatchedAgent.start({ args, wrapper });
  onTestFinished(() => watched[Symbol.asyncDispose]());
  return { watched, workloads };
}

const containersIn = ({ pods }: NodeReport) => pods.reduce((sum, pod) => sum + pod.containers.length, 0);

/** Waits for a report with so many containers. @returns all reports since the last look, up to that one */
async function untilReported(watched: WatchedAgent, containers: number): Promise<readonly NodeReport[]> {
  const reports: NodeReport[] = [];
  await until(
    `a report with ${containers} containers`,
    async () => {
      reports.push(...watched.reports());
      return reports.some((report) => containersIn(report) === containers);
    },
    30_000,
  );
  return reports;
}

/** Distances of the samples of these reports. */
function gapsUsec(reports: readonly NodeReport[]): number[] {
  const instants = [...new Set(reports.map(({ sampleMonotonicUsec }) => sampleMonotonicUsec))];
  return instants.slice(1).map((instant, before) => instant - (instants[before] ?? 0));
}

describe.skipIf(refusal !== undefined)('the agent', { timeout: 120_000 }, () => {
  test('reports more than 1,000 containers, and keeps its pace where other programs take all processors', async () => {
    const containers = 1_050;
    const { watched } = await start(containers);
    await untilReported(watched, containers);
    const spinners = Array.from({ length: 2 }, () => spawn('sh', ['-c', 'while :; do :; done']));
    const stop = () => spinners.forEach((spinner) => void spinner.kill('SIGKILL'));
    onTestFinished(stop);
    const longestGapUsec = async () => {
      watched.reports();
      await sleep(8_000);
      const reports = watched.reports();
      expect(reports.length).toBeGreaterThan(3);
      expect(reports.map(containersIn)).toEqual(reports.map(() => containers));
      return Math.max(...gapsUsec(reports));
    };
    expect(await shortestOf(3, longestGapUsec, 2 * periodUsec)).toBeLessThanOrEqual(2 * periodUsec);
    stop();
  });

  test('goes on with too few descriptors, says so, and recovers when they suffice', async () => {
    // Node raises the soft limit to the hard one by itself, so both are set.
    const { watched, workloads } = await start(100, ['sh', '-c', 'ulimit -n 150; exec "$@"', 'sh']);
    await watched.agent.logged(
      'too few file descriptors for all containers: some pods are not reported until the container runtime gives more (LimitNOFILE of its unit)',
    );
    watched.reports();
    const reported: NodeReport[] = [];
    await until('three more reports', async () => reported.push(...watched.reports()) >= 3, 30_000);
    const [first] = reported.map(containersIn);
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(100);
    // The same pods each time, and the node.
    expect(reported.map(containersIn)).toEqual(reported.map(() => first));
    expect(reported.every(({ node }) => node !== undefined)).toBe(true);
    expect((await fetch(`${watched.debugUrl}/debug/state`)).status).toBe(200);
    for (const { name } of workloads.pods.slice(1)) await workloads.deletePod(name);
    await untilReported(watched, containersPerPod);
    await watched.agent.logged('file descriptors suffice again');
  });

  test('says that the log links have gone, keeps the names it knows, and names new containers when they are back', async () => {
    const { watched, workloads } = await start(20);
    await untilReported(watched, 20);
    const { containerLogs } = workloads;
    renameSync(containerLogs, `${containerLogs}-away`);
    await watched.agent.logged('containers cannot be named: pods are not reported until this is mended');
    await sleep(2_000);
    const reports = watched.reports();
    expect(reports.length).toBeGreaterThan(0);
    expect(reports.map(containersIn)).toEqual(reports.map(() => 20));
    renameSync(`${containerLogs}-away`, containerLogs);
    await workloads.addPod(podSpec(2));
    await untilReported(watched, 30);
  });

  test('says that the mount of the cgroups has gone, reports what is left, and all when it is back', async ({
    skip,
  }) => {
    const root = mkdtempSync(join(tmpdir(), 'tacho-mounts-'));
    const mounts = ['memory', 'cpuacct'].map((name) => ({
      from: `/sys/fs/cgroup/${name}`,
      to: join(root, name),
    }));
    onTestFinished(() => {
      for (const { to } of mounts) spawnSync('umount', ['--lazy', to]);
      for (const { to } of mounts) if (existsSync(to)) rmdirSync(to);
      rmdirSync(root);
    });
    for (const { from, to } of mounts) {
      mkdirSync(to);
      const { status, stderr } = bind(from, to);
      if (status !== 0) skip(`no hierarchies of cgroup v1 that can be mounted anew: ${stderr}`);
    }
    const { watched } = await start(20, [], [`--cgroup-root=${root}`]);
    await untilReported(watched, 20);
    const [memory] = mounts;
    spawnSync('umount', ['--lazy', memory?.to ?? '']);
    await watched.agent.logged('--kubepods-path does not exist: no pods are found there');
    const without = await untilReported(watched, 0);
    // Its own files are open: they do not go with the mount.
    expect(without.at(-1)?.node).toBeDefined();
    bind(memory?.from ?? '', memory?.to ?? '');
    await watched.agent.logged('found the pods’ cgroups');
    await untilReported(watched, 20);
  });
});

const bind = (from: string, to: string) => spawnSync('mount', ['--bind', from, to], { encoding: 'utf8' });
