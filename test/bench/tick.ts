import { closeSync, openSync, readSync } from 'node:fs';
import { cpus } from 'node:os';
import { ingestService } from '@tacho/proto';
import { createCgroupTree, detectLayout } from 'node-cgroup-stats';
import { pino } from 'pino';
import { NodeContainers } from '../../agent/src/node-containers.ts';
import { PodCgroups } from '../../agent/src/pod-cgroups.ts';
import { Sampler } from '../../agent/src/sampler.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads } from '../stand-ins/kubelet/workloads.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { type Figure, figure, percentile } from './figures.ts';

const podCount = 125;
const containersPerPod = 2;
const warmUpTicks = 100;
const ticksPerRun = 100;
const windowUsec = 10_000_000;

/** What one tick of the agent costs beside the kernel's own part of it. */
export const tick: Bench = {
  name: 'tick',
  summary: 'one tick over 250 real containers against the bare preads of the same files',
  runs: 7,
  measure,
};

async function measure({ runs, progress }: BenchOptions): Promise<Record<string, Figure>> {
  const layout = detectLayout();
  if (layout.mode === 'unsupported') throw new Error(layout.reason);
  progress(`starting ${podCount} pods of ${containersPerPod} sleeping containers`);
  const workloads = await startWorkloads({ pods: sleepers() });
  if (workloads.kind !== 'running') throw new Error(workloads.reason);
  try {
    const containers = new NodeContainers(
      {
        hierarchy: layout.mode === 'v2' ? layout.directory : layout.memoryDirectory,
        kubepodsPaths: [workloads.kubepodsPath],
        containerLogs: workloads.containerLogs,
      },
      pino({ level: 'silent' }),
    );
    const tree = createCgroupTree(layout);
    const clock = { monotonicUsec: () => performance.now() * 1000, wallMs: () => Date.now() };
    const sampler = new Sampler({ tree, containers, cpus: cpus().length, ...clock });
    // Five seconds at each look at it, so that no reading is left out as too soon.
    let podsUsec = 0;
    const podCgroups = new PodCgroups({
      tree,
      cpus: cpus().length,
      monotonicUsec: () => (podsUsec += 5_000_000),
    });
    const readPods = () => podCgroups.read(sampler.containers(), windowUsec);
    const files = workloads.pods.flatMap((pod) =>
      pod.containers.flatMap(({ cgroupPath }) => tree.open(cgroupPath).files.map(({ path }) => path)),
    );
    const descriptors = openReadable(files);
    const { Push } = ingestService();
    const sampleAndEncode = () => {
      const { report } = sampler.sample(windowUsec);
      if (report.pods.length !== podCount)
        throw new Error(`expected ${podCount} pods, found ${report.pods.length}`);
      return Push.requestSerialize({ report }).length;
    };
    try {
      return await compare(runs, progress, descriptors, { sampleAndEncode, readPods, sampler });
    } finally {
      for (const descriptor of descriptors) closeSync(descriptor);
      podCgroups.close();
      sampler.close();
    }
  } finally {
    progress('removing the containers');
    await workloads.close();
  }
}

/** One tick and one round of bare preads in turn, so that both meet the same machine. */
async function compare(
  runs: number,
  progress: (step: string) => void,
  descriptors: readonly number[],
  agent: { readonly sampleAndEncode: () => number; readonly readPods: () => void; readonly sampler: Sampler },
): Promise<Record<string, Figure>> {
  const { readPods, sampleAndEncode, sampler } = agent;
  const buffer = Buffer.alloc(64 * 1024);
  const preads = () => {
    for (const descriptor of descriptors) readSync(descriptor, buffer, 0, buffer.length, 0);
  };
  sampler.discover(windowUsec);
  sampler.sample(windowUsec);
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (let round = 0; round < warmUpTicks; round += 1) {
    sampleAndEncode();
    preads();
    readPods();
    sampler.discover(windowUsec);
  }
  const ticks: number[] = [];
  const bare: number[] = [];
  const ratios: number[] = [];
  const looks: number[] = [];
  const pods: number[] = [];
  for (let run = 1; run <= runs; run += 1) {
    progress(`run ${run} of ${runs}`);
    const times = { tick: [] as number[], bare: [] as number[], look: [] as number[], pods: [] as number[] };
    for (let round = 0; round < ticksPerRun; round += 1) {
      times.bare.push(timeUsec(preads));
      times.tick.push(timeUsec(sampleAndEncode));
      times.pods.push(timeUsec(readPods));
      times.look.push(timeUsec(() => sampler.discover(windowUsec)));
    }
    const [tickUsec, bareUsec] = [percentile(times.tick, 0.5), percentile(times.bare, 0.5)];
    ticks.push(tickUsec);
    bare.push(bareUsec);
    ratios.push(tickUsec / bareUsec);
    looks.push(percentile(times.look, 0.5));
    pods.push(percentile(times.pods, 0.5));
  }
  const count = podCount * containersPerPod;
  return {
    tick: figure(ticks, 'µs'),
    preads: figure(bare, 'µs'),
    ratio: figure(ratios, '×', { atMost: 2.5 }),
    'tick per container': figure(
      ticks.map((usec) => usec / count),
      'µs',
    ),
    'looking for new containers': figure(looks, 'µs'),
    'pods’ own cgroups, every 5 s': figure(pods, 'µs'),
    'files read': figure([descriptors.length], 'files'),
  };
}

function sleepers(): readonly PodSpec[] {
  return Array.from({ length: podCount }, (_, pod) => ({
    namespace: 'bench',
    name: `sleeper-${pod}`,
    labels: {},
    qosClass: 'BestEffort' as const,
    containers: Array.from({ length: containersPerPod }, (_, at) => ({
      name: `c${at}`,
      program: { kind: 'sleep' as const },
    })),
  }));
}

/** A file that this kernel does not have (swap without accounting) costs the tick nothing either. */
function openReadable(paths: readonly string[]): number[] {
  return paths.flatMap((path) => {
    try {
      return [openSync(path, 'r')];
    } catch {
      return [];
    }
  });
}

function timeUsec(work: () => unknown): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1000;
}
