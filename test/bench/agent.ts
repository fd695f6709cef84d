import { loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { agentRuntime } from '../../image/agent-runtime.ts';
import { freePort } from '../free-port.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { type AgentStage, startAgentStage } from './agent-stage.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { Bundle, BundledAgent } from './bundled-agent.ts';
import { type Figure, figure, type Goal } from './figures.ts';
import { type ProcessFootprint, processFootprint } from './process-footprint.ts';

const podCount = 75;
/** Those pods whose first container computes, a hundredth of a core each. */
const busyPods = 15;
const replicas = 2;
const usualMinutes = 5;
/** For the start, whose CPU time is a figure of its own. */
const settleMs = 20_000;
const periods = [
  { resolution: '1s', mostMillicores: 10 },
  { resolution: '5s', mostMillicores: 3 },
] as const;

/** What the agent's whole process takes of a node. */
export const agent: Bench = {
  name: 'agent',
  summary: `the bundled agent's process with ${2 * podCount} real containers and ${replicas} real aggregators: CPU and memory`,
  runs: 1,
  flags: {
    '--minutes': `how long each period is measured, ${usualMinutes} by default`,
    '--period': `only this one of ${periods.map(({ resolution }) => resolution).join(' and ')}`,
    '--node-flags': `flags of Node, separated by commas, instead of the image's ${agentRuntime.nodeFlags.join(',')}; may be empty`,
  },
  measure,
};

async function measure({ runs, progress, flag }: BenchOptions): Promise<Record<string, Figure>> {
  const minutes = Number(flag('--minutes') ?? usualMinutes);
  if (!(minutes > 0))
    throw new Error(`expected a number above 0 for --minutes, found "${flag('--minutes')}"`);
  const nodeFlags = flag('--node-flags')?.split(',').filter(Boolean) ?? agentRuntime.nodeFlags;
  const measuredPeriods = periods.filter(({ resolution }) => resolution === (flag('--period') ?? resolution));
  if (measuredPeriods.length === 0)
    throw new Error(`expected 1s or 5s for --period, found "${flag('--period')}"`);
  progress('bundling');
  using bundle = await Bundle.make();
  progress(`starting ${2 * podCount} containers, ${busyPods} of which compute`);
  await using stage = await startAgentStage(pods());
  const figures: Record<string, Figure> = {};
  const loads: number[] = [];
  for (const { resolution, mostMillicores } of measuredPeriods) {
    const taken: Taken[] = [];
    for (let run = 1; run <= runs; run += 1) {
      progress(
        `period ${resolution}, run ${run} of ${runs}: ${minutes} min; Node flags: ${nodeFlags.join(' ')}`,
      );
      taken.push(await measureOne({ stage, bundle, nodeFlags, resolution, minutes }));
      loads.push(loadavg()[0] ?? Number.NaN);
    }
    const add = (name: string, value: (each: Taken) => number, unit: string, goal: Goal = {}) => {
      figures[`${name} at ${resolution}`] = figure(taken.map(value), unit, goal);
    };
    add('CPU', ({ millicores }) => millicores, 'mCPU', { atMost: mostMillicores });
    add('RSS', ({ end }) => end.rssMiB, 'MiB', { atMost: 80 });
    add('anonymous', ({ end }) => end.anonymousMiB, 'MiB', { atMost: 26 });
    add('most anonymous', ({ mostAnonymousMiB }) => mostAnonymousMiB, 'MiB');
    add('CPU of the start', ({ startCpuMs }) => startCpuMs, 'ms');
    add('threads', ({ end }) => end.threads, 'threads');
    add('descriptors', ({ end }) => end.descriptors, 'descriptors');
  }
  figures['load average of the machine'] = figure(loads, '');
  return figures;
}

interface Taken {
  readonly millicores: number;
  readonly startCpuMs: number;
  /** Looked at every ten seconds. */
  readonly mostAnonymousMiB: number;
  readonly end: ProcessFootprint;
}

async function measureOne(options: {
  readonly stage: AgentStage;
  readonly bundle: Bundle;
  readonly nodeFlags: readonly string[];
  readonly resolution: string;
  readonly minutes: number;
}): Promise<Taken> {
  const { stage, bundle, nodeFlags, resolution, minutes } = options;
  await using aggregators = await stage.startAggregators(replicas, resolution);
  await using process = new BundledAgent({
    bundle,
    nodeFlags,
    env: agentRuntime.env,
    args: [...aggregators.agentArgs, `--debug-port=${await freePort()}`, `--health-port=${await freePort()}`],
  });
  await process.logged('stream to aggregator is open', replicas);
  await sleep(settleMs);
  const begin = processFootprint(process.pid);
  const beginMs = performance.now();
  const endMs = beginMs + minutes * 60_000;
  let end = begin;
  let mostAnonymousMiB = 0;
  while (performance.now() < endMs) {
    await sleep(Math.min(10_000, endMs - performance.now()));
    end = processFootprint(process.pid);
    mostAnonymousMiB = Math.max(mostAnonymousMiB, end.anonymousMiB);
  }
  const millicores = ((end.cpuMs - begin.cpuMs) / (performance.now() - beginMs)) * 1000;
  return { millicores, startCpuMs: begin.cpuMs, mostAnonymousMiB, end };
}

function pods(): readonly PodSpec[] {
  return Array.from({ length: podCount }, (_, pod) => ({
    namespace: 'bench',
    name: `pod-${pod}`,
    labels: {},
    qosClass: 'Burstable' as const,
    containers: [
      pod < busyPods
        ? { name: 'first', program: { kind: 'spin' as const }, limits: { cpuMillicores: 10 } }
        : { name: 'first', program: { kind: 'sleep' as const } },
      { name: 'second', program: { kind: 'sleep' as const } },
    ],
  }));
}
