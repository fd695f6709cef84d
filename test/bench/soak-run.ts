import { setTimeout as sleep } from 'node:timers/promises';
import type { DebugState } from '../../agent/src/debug/debug-state.ts';
import type { PodSpec } from '../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads, type Workloads } from '../stand-ins/kubelet/workloads.ts';
import { type ProcessFootprint, processFootprint } from './process-footprint.ts';
import { WatchedAgent } from './watched-agent.ts';

const containersPerPod = 10;
const podsPerRound = 10;
/** So many rounds of pods live at once: long enough for each to be seen by several ticks. */
const livingRounds = 4;
const lastTicksMs = 3_000;
/** Of half a second, until the agent has noticed that nothing is left. */
const mostWaits = 30;

export interface Soak {
  readonly births: number;
  readonly birthsPerSecond: number;
  /** Share of the pods that were in at least one report. */
  readonly seenShare: number;
  /** After a tenth of the births, and at the very end, with every container gone. */
  readonly early: ProcessFootprint;
  readonly end: ProcessFootprint;
  /** While as many containers lived as at `early`. */
  readonly most: { readonly rssMiB: number; readonly anonymousMiB: number; readonly descriptors: number };
  /** Before the first container, and how many containers and pods lived at once at most, sandboxes not counted. */
  readonly descriptorsBefore: number;
  readonly mostLiving: number;
  /** Pods and nameless containers that the agent still knows at the end. */
  readonly knownAtEnd: number;
}

/**
 * Lets real containers be born and die as fast as the kernel lets, beside the agent's whole process.
 * @param births of containers, sandboxes not counted
 * @throws when this user may not make cgroups
 */
export async function soak(births: number, progress: (step: string) => void): Promise<Soak> {
  await using stack = new AsyncDisposableStack();
  const workloads = await startWorkloads({ pods: [] });
  if (workloads.kind !== 'running') throw new Error(workloads.reason);
  stack.defer(() => workloads.close());
  const watched = stack.use(
    await WatchedAgent.start({
      args: [`--kubepods-path=${workloads.kubepodsPath}`, `--container-logs=${workloads.containerLogs}`],
    }),
  );
  const { pid } = watched.agent;
  const descriptorsBefore = processFootprint(pid).descriptors;
  const seen = new Set<string>();
  const look = () => {
    for (const report of watched.reports()) for (const { name } of report.pods) seen.add(name);
  };
  const rounds = Math.ceil(births / (podsPerRound * containersPerPod));
  const footprints: ProcessFootprint[] = [];
  const startMs = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(podsOf(round).map((spec) => workloads.addPod(spec)));
    if (round >= livingRounds) await remove(workloads, round - livingRounds);
    look();
    if (round >= rounds / 10) footprints.push(processFootprint(pid));
    if (round % Math.ceil(rounds / 20) === 0) {
      const { anonymousMiB, descriptors, rssMiB } = processFootprint(pid);
      const born = (round + 1) * podsPerRound * containersPerPod;
      progress(
        `${born} born, RSS ${rssMiB.toFixed(1)} MiB, anonymous ${anonymousMiB.toFixed(1)}, ${descriptors} descriptors`,
      );
    }
  }
  const tookMs = performance.now() - startMs;
  await sleep(lastTicksMs);
  look();
  for (let round = Math.max(0, rounds - livingRounds); round < rounds; round += 1)
    await remove(workloads, round);
  let end = processFootprint(pid);
  // Pods' own cgroups are read every ten seconds.
  for (let waits = 0; waits < mostWaits && end.descriptors > descriptorsBefore; waits += 1) {
    await sleep(500);
    end = processFootprint(pid);
  }
  // Last: it loads the endpoint's pages.
  const state = (await (await fetch(`${watched.debugUrl}/debug/state`)).json()) as DebugState;
  const most = (value: (each: ProcessFootprint) => number) => Math.max(...footprints.map(value));
  return {
    births: rounds * podsPerRound * containersPerPod,
    birthsPerSecond: (rounds * podsPerRound * containersPerPod) / (tookMs / 1000),
    seenShare: seen.size / (rounds * podsPerRound),
    early: footprints[0] ?? end,
    end,
    most: {
      rssMiB: most(({ rssMiB }) => rssMiB),
      anonymousMiB: most(({ anonymousMiB }) => anonymousMiB),
      descriptors: most(({ descriptors }) => descriptors),
    },
    descriptorsBefore,
    mostLiving: (livingRounds + 1) * podsPerRound * (containersPerPod + 1),
    knownAtEnd: state.pods.length + state.unnamed.length,
  };
}

async function remove(workloads: Workloads, round: number): Promise<void> {
  await Promise.all(podsOf(round).map(({ name }) => workloads.deletePod(name)));
}

function podsOf(round: number): readonly PodSpec[] {
  return Array.from({ length: podsPerRound }, (_, pod) => ({
    namespace: 'soak',
    name: `pod-${round}-${pod}`,
    labels: {},
    qosClass: 'BestEffort' as const,
    containers: Array.from({ length: containersPerPod }, (_, at) => ({
      name: `c${at}`,
      program: { kind: 'sleep' as const },
    })),
  }));
}
