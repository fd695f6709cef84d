import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { runKubectl } from '../../kubectl/kubectl.ts';
import type { KubectlVersion } from '../../kubectl/kubectl-binary.ts';
import { quantityValue } from '../../one-machine/live-table.ts';
import { createMetricsReader, type MetricsReader } from '../../one-machine/metrics-reader.ts';
import { type OneMachine, startOneMachine } from '../../one-machine/one-machine.ts';
import { shortestOf } from '../../shortest-of.ts';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import type { KernelCheck } from './kernel-check.ts';
import { type OwnRates, watchOwnRates } from './own-rates.ts';
import { checksSharing, type SharingCheck } from './sharing.ts';
import { until } from './until.ts';

const MIB = 1024 * 1024;
const PERIOD_MS = 5000;
const FULL_WINDOW_MS = 12_000;
const RESTART_SECONDS = 8;
/** A guest reads the programs' hundreds of files slowly: seconds until they run. */
const START_MS = 60_000;
const KUBECTL_MS = 90_000;
const BACK_MS = 2000;
/** A machine with other work may delay anything once. */
const MOST_RESTARTS = 3;
/** `--window` of the agent, where nothing else is asked for. */
const WINDOW_USEC = 10_000_000;
/** What is shown may be as old as two periods, and the guest slow to fetch it. */
const SHOWN_WITHIN_MS = 2 * PERIOD_MS + 2000;
const RATE_TOLERANCE = 0.02;

interface Pipe extends AsyncDisposable {
  readonly machine: OneMachine;
  readonly reader: MetricsReader;
  /** Of the spinner that is held to a quarter of a core. */
  readonly spinner: OwnRates;
}

/** Real agent and aggregator, as processes, with the demo's workloads; a full window after their first report. */
async function startPipe(): Promise<Pipe> {
  const failures: string[] = [];
  const machine = await startOneMachine({
    pods: demoPods(RESTART_SECONDS),
    onFailure: (what) => failures.push(what),
  });
  const reader = createMetricsReader(machine.apiserver);
  const spinning = machine.workloads?.pods.find(({ name }) => name === 'cpu-quota')?.containers[0];
  assert.ok(machine.workloads !== undefined && spinning !== undefined, machine.refusal ?? 'no cpu-quota');
  const spinner = watchOwnRates(machine.workloads.cgroupVersion, spinning.cgroupPath);
  const close = async () => {
    spinner[Symbol.dispose]();
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
    spinner,
    [Symbol.asyncDispose]: async () => {
      await close();
      assert.deepEqual(failures, []);
    },
  };
}

/** Asserts that the spinner has the rate of its own counter, which the kernel holds to a quarter of a core. */
function assertSpinning(cores: number, spinner: OwnRates, fetchedMs: number, roundedCores: number): void {
  const { low, high } = spinner.range(WINDOW_USEC, (SHOWN_WITHIN_MS + fetchedMs) * 1000);
  process.stdout.write(`cpu-quota: ${cores} cores, by its own counter ${low} to ${high}\n`);
  assert.ok(
    cores >= low * (1 - RATE_TOLERANCE) - roundedCores && cores <= high * (1 + RATE_TOLERANCE) + roundedCores,
    `expected ${low} to ${high} cores from the kernel's counter, found ${cores}`,
  );
  assert.ok(cores <= 0.26, `expected no more than 0.25 cores, found ${cores}`);
}

const figures: SharingCheck<Pipe> = {
  name: 'whole pipe: metrics.k8s.io has the figures of the workloads',
  needs: ['cpu', 'memory'],
  async run({ reader, spinner }) {
    const { items } = await reader.pods();
    const usageOf = (pod: string) =>
      items.find(({ metadata }) => metadata.name === pod)?.containers[0]?.usage ??
      assert.fail(`no ${pod} in ${JSON.stringify(items)}`);
    assertSpinning(quantityValue(usageOf('cpu-quota').cpu), spinner, 0, 0);
    const bytes = quantityValue(usageOf('memory').memory);
    assert.ok(bytes >= 128 * MIB && bytes <= 145 * MIB, `expected 128 to 145 MiB, found ${bytes / MIB}`);
    const idle = quantityValue(usageOf('idle').cpu);
    assert.ok(idle < 0.001, `expected an idle container, found ${idle} cores`);
  },
};

const kubectl = (version: KubectlVersion): SharingCheck<Pipe> => ({
  name: `whole pipe: kubectl ${version} top shows the node and the figures of the workloads`,
  needs: ['cpu', 'memory'],
  async run({ machine, spinner }) {
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

    const askedMs = performance.now();
    const [heading, ...rows] = await top('pods', '-A', '--containers');
    assert.deepEqual(heading, ['NAMESPACE', 'POD', 'NAME', 'CPU(cores)', 'MEMORY(bytes)']);
    const row = (pod: string) => rows.find((cells) => cells[1] === pod)?.join(' ') ?? 'no row';
    const [, millicores] = /^default cpu-quota main (\d+)m \d+Mi$/.exec(row('cpu-quota')) ?? [];
    assertSpinning(Number(millicores) / 1000, spinner, performance.now() - askedMs, 0.001);
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
    let missingSince: number | undefined;
    let longestMs = 0;
    while (performance.now() < end) {
      const { items } = await reader.pods();
      if (items.some(({ metadata }) => metadata.name === 'restarting')) missingSince = undefined;
      else {
        missingSince ??= performance.now();
        longestMs = Math.max(longestMs, performance.now() - missingSince);
      }
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
    const backMs = async () => {
      const start = performance.now();
      await machine.restartAgent();
      // What the killed one has reported; the new one needs far longer than this reading to be loaded.
      const last = await timestamp();
      await machine.agent.logged('agent starts');
      const loadedMs = performance.now() - start;
      const ms = await until('the node is back', async () => (await timestamp()) > last, START_MS);
      process.stdout.write(
        `the node was back ${Math.round(ms)} ms after the ${Math.round(loadedMs)} ms that loading it took\n`,
      );
      return ms;
    };
    const tookMs = await shortestOf(MOST_RESTARTS, backMs, BACK_MS);
    assert.ok(tookMs <= BACK_MS, `expected the node back within 2 s, found ${Math.round(tookMs)} ms`);
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
