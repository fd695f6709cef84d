import { closeSync, openSync, readSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ingestService } from '@tacho/proto';
import { createCgroupTree, detectLayout } from 'node-cgroup-stats';
import { pino } from 'pino';
import { ContainerNames } from '../../agent/src/pods/container-names.ts';
import { NodeContainers } from '../../agent/src/sampling/node-containers.ts';
import { PodCgroups } from '../../agent/src/sampling/pod-cgroups.ts';
import { Sampler } from '../../agent/src/sampling/sampler.ts';
import { readContainers } from '../../agent/src/sampling/seen-container.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads } from '../stand-ins/kubelet/workloads.ts';
import { type Figure, figure, type Goal, percentile } from './figures.ts';
import { Preads } from './preads.ts';

const containersPerPod = 2;
const warmUpTicks = 100;
/** So that a run takes about as long for every size. */
const containersPerRun = 25_000;
const windowUsec = 10_000_000;

export interface TickOptions {
  /** The compiled preads.c; undefined: it is not compared with. */
  readonly program: string | undefined;
  readonly runs: number;
  readonly progress: (step: string) => void;
}

/** The agent's parts of one tick, and the kernel's part alone. */
interface Parts {
  readonly sampleAndEncode: () => void;
  readonly look: () => void;
  readonly readPods: () => void;
  readonly nodePreads: () => void;
  readonly preads: Preads | undefined;
}

/** @returns figures whose names begin with how many containers and which cgroups */
export async function measureTicks(count: number, options: TickOptions): Promise<Record<string, Figure>> {
  const { progress, program } = options;
  const layout = detectLayout();
  if (layout.mode === 'unsupported') throw new Error(layout.reason);
  progress(`starting ${count / containersPerPod} pods of ${containersPerPod} sleeping containers`);
  const workloads = await startWorkloads({ pods: sleepers(count / containersPerPod) });
  if (workloads.kind !== 'running') throw new Error(workloads.reason);
  await using stack = new AsyncDisposableStack();
  stack.defer(async () => {
    progress('removing the containers');
    await workloads.close();
  });
  const containers = new NodeContainers(
    {
      hierarchy: layout.mode === 'v2' ? layout.directory : layout.memoryDirectory,
      kubepodsPaths: [workloads.kubepodsPath],
      containerLogs: workloads.containerLogs,
    },
    pino({ level: 'silent' }),
    { names: new ContainerNames(workloads.containerLogs, () => Date.now()) },
  );
  const tree = createCgroupTree(layout);
  const clock = { monotonicUsec: () => performance.now() * 1000, wallMs: () => Date.now() };
  const sampler = new Sampler({ tree, containers, cpus: cpus().length, ...clock });
  stack.defer(() => sampler.close());
  // Five seconds at each look at it, so that no reading is left out as too soon.
  let podsUsec = 0;
  const podClock = () => (podsUsec += 5_000_000);
  const podCgroups = new PodCgroups({ tree, monotonicUsec: podClock, leastGapUsec: 1 });
  stack.defer(() => podCgroups.close());
  sampler.discover(windowUsec);
  sampler.sample(windowUsec);

  // In the agent's own order: each container, then the node.
  const cgroups = [...readContainers(sampler.containers())].map(({ cgroup }) => tree.open(cgroup.path));
  const files = [...cgroups, tree.openRoot()].flatMap((cgroup) => cgroup.files.map(({ path }) => path));
  const descriptors = openReadable(files);
  stack.defer(() => descriptors.forEach((descriptor) => void closeSync(descriptor)));
  const preads = program === undefined ? undefined : stack.use(await Preads.start(program, files));
  if (preads !== undefined && preads.files !== descriptors.length)
    throw new Error(
      `expected ${descriptors.length} files to be open in the C program, found ${preads.files}`,
    );
  const buffer = Buffer.alloc(64 * 1024);
  const { Push } = ingestService();
  const figures = await compare(count, options, {
    preads,
    nodePreads: () => {
      for (const descriptor of descriptors) readSync(descriptor, buffer, 0, buffer.length, 0);
    },
    look: () => sampler.discover(windowUsec),
    readPods: () => podCgroups.read(sampler.containers(), windowUsec),
    sampleAndEncode: () => {
      const { report } = sampler.sample(windowUsec);
      const containers = report.pods.reduce((sum, pod) => sum + pod.containers.length, 0);
      if (containers !== count) throw new Error(`expected ${count} containers, found ${containers}`);
      Push.requestSerialize({ report });
    },
  });
  const what = `${count} containers, ${layout.mode}`;
  return Object.fromEntries(Object.entries(figures).map(([name, value]) => [`${what}: ${name}`, value]));
}

/** One tick, one round of the C program and one of Node's bare preads in turn, so that all meet the same machine. */
async function compare(
  count: number,
  { runs, progress }: TickOptions,
  { sampleAndEncode, look, readPods, nodePreads, preads }: Parts,
): Promise<Record<string, Figure>> {
  await sleep(500);
  for (let round = 0; round < warmUpTicks; round += 1) {
    for (const part of [sampleAndEncode, nodePreads, readPods, look]) part();
    await preads?.usec();
  }
  const names = ['tick', 'C', 'Node', 'look', 'pods'] as const;
  const medians = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  type Name = (typeof names)[number];
  for (let run = 1; run <= runs; run += 1) {
    progress(`${count} containers, run ${run} of ${runs}`);
    const times: Record<Name, number[]> = { tick: [], C: [], Node: [], look: [], pods: [] };
    for (let round = 0; round < Math.max(20, containersPerRun / count); round += 1) {
      if (preads !== undefined) times.C.push(await preads.usec());
      times.Node.push(timeUsec(nodePreads));
      times.tick.push(timeUsec(sampleAndEncode));
      times.look.push(timeUsec(look));
      times.pods.push(timeUsec(readPods));
    }
    for (const name of names) medians[name].push(percentile(times[name], 0.5));
  }
  const each = (name: Name) => medians[name].map((usec) => usec / count);
  const ratio = (name: Name) => medians.tick.map((usec, run) => usec / (medians[name][run] ?? Number.NaN));
  const ratioGoal: Goal = { atMost: 2 };
  return {
    ...(preads === undefined
      ? {}
      : { ratio: figure(ratio('C'), '×', ratioGoal), 'C program': figure(each('C'), 'µs per container') }),
    tick: figure(each('tick'), 'µs per container'),
    'preads by Node': figure(each('Node'), 'µs per container'),
    'ratio to preads by Node': figure(ratio('Node'), '×'),
    'looking for new containers': figure(each('look'), 'µs per container'),
    'pods’ own cgroups, every 10 s': figure(each('pods'), 'µs per container'),
    ...(preads === undefined ? {} : { 'files read': figure([preads.files], 'files') }),
  };
}

function sleepers(podCount: number): readonly PodSpec[] {
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
