import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { runKubectl } from '../../kubectl/kubectl.ts';
import type { KubectlVersion } from '../../kubectl/kubectl-binary.ts';
import { quantityValue } from '../../one-machine/live-table.ts';
import { createMetricsReader, type MetricsReader } from '../../one-machine/metrics-reader.ts';
import { type OneMachine, startOneMachine } from '../../one-machine/one-machine.ts';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import type { KernelCheck } from './kernel-check.ts';
import { checksSharing, type SharingCheck } from './sharing.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const PERIOD_MS = 5000;
const FULL_WINDOW_MS = 12_000;
const RESTART_SECONDS = 8;
/** A guest reads the programs' hundreds of files slowly: seconds until they run. */
const START_MS = 60_000;
const KUBECTL_MS = 30_000;

interface Pipe extends AsyncDisposable {
  readonly machine: OneMachine;
  readonly reader: MetricsReader;
}

/** Real agent and aggregator, as processes, with the demo's workloads; a full window after their first report. */
async function startPipe(): Promise<Pipe> {
  const failures: string[] = [];
  const machine = await startOneMachine({
    pods: demoPods(RESTART_SECONDS),
    onFailure: (what) => failures.push(what),
  });
  const reader = createMetricsReader(machine.apiserver);
  const close = async () => {
    reader.close();
    await machine.close();
  };
  const arePodsThere = async () => {
    assert.deepEqual(failures, []);
    return (await reader.pods()).items.length === 4;
  };
  try {
    await until('all pods are there', arePodsThere, START_MS);
    await wait(FULL_WINDOW_MS);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    machine,
    reader,
    [Symbol.asyncDispose]: async () => {
      await close();
      assert.deepEqual(failures, []);
    },
  };
}

const figures: SharingCheck<Pipe> = {
  name: 'whole pipe: metrics.k8s.io has the figures of the workloads',
  needs: ['cpu', 'memory'],
  async run({ reader }) {
    const { items } = await reader.pods();
    const usageOf = (pod: string) =>
      items.find(({ metadata }) => metadata.name === pod)?.containers[0]?.usage ??
      assert.fail(`no ${pod} in ${JSON.stringify(items)}`);
    const cores = quantityValue(usageOf('cpu-quota').cpu);
    assert.ok(cores >= 0.24 && cores <= 0.26, `expected 0.25 cores, found ${cores}`);
    const bytes = quantityValue(usageOf('memory').memory);
    assert.ok(bytes >= 128 * MIB && bytes <= 145 * MIB, `expected 128 to 145 MiB, found ${bytes / MIB}`);
    const idle = quantityValue(usageOf('idle').cpu);
    assert.ok(idle < 0.001, `expected an idle container, found ${idle} cores`);
  },
};

const kubectl = (version: KubectlVersion): SharingCheck<Pipe> => ({
  name: `whole pipe: kubectl ${version} top shows the node and the figures of the workloads`,
  needs: ['cpu', 'memory'],
  async run({ machine }) {
    const top = async (...what: string[]) => {
      const { code, stderr, stdout } = await runKubectl(version, ['top', ...what], {
        kubeconfig: machine.kubeconfig,
        signal: AbortSignal.timeout(KUBECTL_MS),
      });
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
      const lines = stdout.trimEnd().split('\n');
      return lines.map((line) => line.trim().split(/\s+/));
    };
    const [, node, ...others] = await top('nodes');
    assert.deepEqual([node?.[0], others], [machine.nodeName, []]);
    assert.match(node?.slice(1).join(' ') ?? '', /^\d+m \d+% \d+Mi \d+%$/);

    const [heading, ...rows] = await top('pods', '-A', '--containers');
    assert.deepEqual(heading, ['NAMESPACE', 'POD', 'NAME', 'CPU(cores)', 'MEMORY(bytes)']);
    const row = (pod: string) => rows.find((cells) => cells[1] === pod)?.join(' ') ?? 'no row';
    assert.match(row('cpu-quota'), /^default cpu-quota main 2(?:[45]\d|60)m \d+Mi$/);
    assert.match(row('memory'), /^default memory main \d+m 1(?:2[89]|3\d|4[0-5])Mi$/);
    assert.match(row('idle'), /^default idle main [01]m \d+Mi$/);
  },
});

const restarts: SharingCheck<Pipe> = {
  name: 'whole pipe: a container that restarts is never missing for more than one period and 1 s',
  needs: ['cpu', 'memory'],
  async run({ machine, reader }) {
    const count = () =>
      machine.workloads?.pods.find(({ name }) => name === 'restarting')?.containers[0]?.restartCount ?? 0;
    const before = count();
    const end = performance.now() + 2.5 * RESTART_SECONDS * 1000;
    let seen = performance.now();
    let longestMs = 0;
    while (performance.now() < end) {
      const { items } = await reader.pods();
      const now = performance.now();
      longestMs = Math.max(longestMs, now - seen);
      if (items.some(({ metadata }) => metadata.name === 'restarting')) seen = now;
      await wait(50);
    }
    process.stdout.write(`a restarting container was missing for at most ${Math.round(longestMs)} ms\n`);
    assert.ok(count() - before >= 2, `expected two restarts, found ${count() - before}`);
    assert.ok(longestMs <= PERIOD_MS + 1000, `expected at most one period and 1 s, found ${longestMs} ms`);
  },
};

const killedAgent: SharingCheck<Pipe> = {
  name: 'whole pipe: an agent that was killed has its node back within 2 s of being loaded',
  needs: ['cpu', 'memory'],
  async run({ machine, reader }) {
    const timestamp = async () => (await reader.nodes()).items[0]?.timestamp ?? '';
    const start = performance.now();
    await machine.restartAgent();
    // What the killed one has reported; the new one needs far longer than this reading to be loaded.
    const last = await timestamp();
    await machine.agent.logged('agent starts');
    const loadedMs = performance.now() - start;
    const tookMs = await until('the node is back', async () => (await timestamp()) > last, START_MS);
    const took = `${Math.round(tookMs)} ms after the ${Math.round(loadedMs)} ms that loading it took`;
    process.stdout.write(`the node was back ${took}\n`);
    assert.ok(tookMs <= 2000, `expected the node back within 2 s, found ${took}`);
  },
};

/** The real programs on a real kernel; only kube-apiserver and the kubelet are stand-ins. */
export const checks: readonly KernelCheck[] = checksSharing(startPipe, [
  figures,
  kubectl('1.36'),
  kubectl('1.32'),
  restarts,
  killedAgent,
]);
