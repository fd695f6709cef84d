/**
 * `npm start`: tacho on this one machine, without a cluster. Shows a live table until it is interrupted, and then
 * leaves nothing behind.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { helpText, optionalDuration, parseCommandLine, problemsText } from '@tacho/command-line';
import { flagRelations } from '../../aggregator/src/flags.ts';
import manifest from '../../package.json' with { type: 'json' };
import { kubectlBinary } from '../kubectl/kubectl-binary.ts';
import { removeStale } from '../stand-ins/kubelet/stale-workloads.ts';
import { liveTable } from './live-table.ts';
import { createMetricsReader } from './metrics-reader.ts';
import { type OneMachine, startOneMachine } from './one-machine.ts';

const program = 'npm start --';
const summary =
  'Runs tacho on this machine: the real agent on its real cgroups, the real aggregator, a few workloads, and a stand-in for ' +
  'kube-apiserver beside them, so that kubectl works. Shows a live table until Ctrl-C, then removes all it has made.';
const flags = {
  'metric-resolution': optionalDuration({
    help: 'Period of the reports, 5s when not given.',
    min: '1s',
    max: '60s',
  }),
  window: optionalDuration({ help: 'What a CPU rate covers, 10s when not given.', min: '1s', max: '10m' }),
  for: optionalDuration({ help: 'End by itself after this time.', min: '1s', max: '24h' }),
};

/** The aggregator's own, when nothing else is asked for. */
const usualPeriodMs = 5_000;
const startMs = 200;
const refreshMs = 1_000;
const plainRefreshMs = 5_000;

async function main(): Promise<number> {
  const line = parseCommandLine(flags, process.argv.slice(2), {}, (values) =>
    flagRelations({ ...values, 'metric-resolution': values['metric-resolution'] ?? usualPeriodMs }),
  );
  if (line.kind === 'problems') {
    process.stderr.write(problemsText(program, line.problems));
    return 2;
  }
  if (line.kind === 'version') {
    process.stdout.write(`tacho ${manifest.version}\n`);
    return 0;
  }
  if (line.kind === 'help') {
    process.stdout.write(helpText(program, summary, flags));
    return 0;
  }
  const stop = new AbortController();
  let failure: string | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  // A closed pipe (`| head`) is an end like any other.
  process.stdout.on('error', () => stop.abort());

  const { 'metric-resolution': period, window } = line.values;
  await removeStale();
  let machine: OneMachine | undefined;
  try {
    machine = await startOneMachine({
      ...(period === undefined ? {} : { metricResolution: `${period}ms` }),
      ...(window === undefined ? {} : { window: `${window}ms` }),
      progress: (step) => process.stdout.write(`tacho: ${step} …\n`),
      onFailure: (sentence) => {
        failure = sentence;
        stop.abort();
      },
    });
    const lasts = line.values.for === undefined ? [] : [AbortSignal.timeout(line.values.for)];
    await show(machine, AbortSignal.any([stop.signal, ...lasts]));
  } finally {
    process.stdout.write('tacho: removing what was made …\n');
    await machine?.close();
  }
  if (failure === undefined) return 0;
  process.stderr.write(`tacho: ${failure}\n`);
  return 1;
}

async function show(machine: OneMachine, signal: AbortSignal): Promise<void> {
  const reader = createMetricsReader(machine.apiserver);
  const isTerminal = process.stdout.isTTY === true;
  const head = await heading(machine);
  if (!isTerminal) process.stdout.write(head);
  try {
    while (!signal.aborted) {
      const [nodes, pods] = await Promise.all([reader.nodes(), reader.pods()]);
      if (nodes.items.length === 0 && !isTerminal) {
        await sleep(startMs, undefined, { signal }).catch(() => undefined);
        continue;
      }
      const trouble = nodes.status === 200 ? '' : `The metrics API answers ${nodes.status}.\n\n`;
      const table = trouble + liveTable(nodes.items, pods.items, Date.now());
      process.stdout.write(isTerminal ? `\x1b[H\x1b[2J${head}${table}\n\nCtrl-C ends it.\n` : `${table}\n\n`);
      const pauseMs = isTerminal ? refreshMs : plainRefreshMs;
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    reader.close();
  }
}

async function heading(machine: OneMachine): Promise<string> {
  const kubectl = onPath('kubectl') ? 'kubectl' : await kubectlBinary('1.36');
  const mode =
    machine.workloads === undefined ? 'node only' : `cgroup v${machine.workloads.cgroupVersion} workloads`;
  const lines = [`tacho on ${machine.nodeName} (${mode}). In another shell:`, ''];
  for (const what of ['nodes', 'pods -A --containers']) {
    lines.push(`  KUBECONFIG=${machine.kubeconfigFile} ${kubectl} top ${what}`);
  }
  if (machine.refusal !== undefined) lines.push('', `No workloads: ${machine.refusal}`);
  return `${lines.join('\n')}\n\n`;
}

function onPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

process.exitCode = await main();
