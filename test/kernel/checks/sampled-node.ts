import assert from 'node:assert/strict';
import { cpus } from 'node:os';
import type { NodeReport, Usage } from '@tacho/proto';
import { createCgroupTree } from 'node-cgroup-stats';
import { pino } from 'pino';
import { NodeContainers } from '../../../agent/src/sampling/node-containers.ts';
import { PodCgroups } from '../../../agent/src/sampling/pod-cgroups.ts';
import { Sampler } from '../../../agent/src/sampling/sampler.ts';
import type { Reading } from '../../../agent/src/usage/reading-history.ts';
import type { PodSpec } from '../../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads, type Workloads } from '../../stand-ins/kubelet/workloads.ts';
import type { KernelContext } from '../context.ts';
import { type Bracket, bracketTree } from './bracketed-tree.ts';

export const WINDOW_USEC = 10_000_000;

/** The agent's sampling of this machine, with workloads as its only pods. */
export interface SampledNode {
  /** Looks and reads as at one tick; nothing but the node may be left out. */
  tick(): NodeReport;
  /** What a report says of the only container of a pod. */
  container(report: NodeReport, pod: string): Usage;
  /** The check's own readings around each of the agent's: of that container, or of the node. */
  brackets(pod: string | undefined): readonly Bracket[];
  /** Reads the pods' own cgroups, however soon after the last time. */
  readPods(): void;
  /** What the agent keeps of a pod's own cgroup, and the check's readings around each of the agent's. */
  podCgroup(pod: string): { readonly readings: readonly Reading[]; readonly brackets: readonly Bracket[] };
}

/** Starts the pods, each of one container, and ends them whatever happens. */
export async function withSampledNode(
  context: KernelContext,
  pods: readonly PodSpec[],
  run: (node: SampledNode) => Promise<void>,
): Promise<void> {
  const workloads = await startWorkloads({ pods, tempDir: context.scratchDirectory });
  assert.ok(workloads.kind === 'running', workloads.kind === 'refused' ? workloads.reason : '');
  const { layout } = context;
  const containers = new NodeContainers(
    {
      hierarchy: layout.mode === 'v2' ? layout.directory : layout.memoryDirectory,
      kubepodsPaths: [workloads.kubepodsPath],
      containerLogs: workloads.containerLogs,
    },
    pino({ level: 'silent' }),
  );
  const clock = { monotonicUsec: () => performance.now() * 1000, wallMs: () => Date.now() };
  const bracketed = bracketTree(context, createCgroupTree(layout, clock));
  const sampler = new Sampler({ tree: bracketed.tree, containers, cpus: cpus().length, ...clock });
  let podsReadAtUsec = 0;
  const podCgroups = new PodCgroups({
    tree: bracketed.tree,
    leastGapUsec: 1,
    monotonicUsec: () => {
      podsReadAtUsec += 5_000_000;
      return podsReadAtUsec;
    },
  });
  try {
    await run({
      tick() {
        sampler.discover(WINDOW_USEC);
        const { report, leftOut } = sampler.sample(WINDOW_USEC);
        assert.deepEqual(
          leftOut.filter(({ who }) => who !== 'node'),
          [],
        );
        assert.deepEqual(podsIn(report), podsOf(workloads));
        return report;
      },
      container(report, pod) {
        const found = report.pods.find(({ name }) => name === pod)?.containers[0];
        return found?.usage ?? assert.fail(`no ${pod} in ${JSON.stringify(report)}`);
      },
      brackets(pod) {
        if (pod === undefined) return bracketed.of('');
        const container = workloads.pods.find(({ name }) => name === pod)?.containers[0];
        return bracketed.of(container?.cgroupPath ?? assert.fail(`no pod ${pod}`));
      },
      readPods: () => podCgroups.read(sampler.containers(), WINDOW_USEC),
      podCgroup(pod) {
        const { cgroupPath } =
          workloads.pods.find(({ name }) => name === pod) ?? assert.fail(`no pod ${pod}`);
        const readings = podCgroups.get(cgroupPath)?.readings.readings() ?? [];
        return { readings, brackets: bracketed.of(cgroupPath) };
      },
    });
  } finally {
    podCgroups.close();
    sampler.close();
    await workloads.close();
  }
}

const line = (pod: string, uid: string, containers: readonly { readonly name: string }[]) =>
  `${pod} ${uid} ${containers.map(({ name }) => name).join(' ')}`;
const podsIn = (report: NodeReport) =>
  report.pods.map((pod) => line(`${pod.namespace}/${pod.name}`, pod.uid, pod.containers)).sort();
const podsOf = (workloads: Workloads) =>
  workloads.pods.map((pod) => line(`${pod.namespace}/${pod.name}`, pod.uid, pod.containers)).sort();
