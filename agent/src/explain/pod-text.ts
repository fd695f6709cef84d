import type { ContainerState, KernelFileState, PodDetail, PodState } from '../debug/debug-state.ts';
import { notReportedLines, replicaLines } from './node-text.ts';
import { mebibytes, millicores, seconds } from './number-text.ts';

/** One pod for a terminal: for each container the way of its number, from the kernel's text to the replicas. */
export function podText(detail: PodDetail): string {
  return [
    ...detail.pods.flatMap((pod) => podLines(pod, detail)),
    ...replicaLines(detail),
    '',
    ...notReportedLines(detail.notReported),
    '',
  ].join('\n');
}

function podLines(pod: PodState, detail: PodDetail): string[] {
  const { namespace, name, uid, cgroupPath, why, containers } = pod;
  const isPushed = containers.some(({ pushed }) => pushed !== undefined);
  return [
    `${namespace}/${name} on ${detail.node.name} (cgroup ${detail.node.cgroupMode}), UID ${uid}`,
    `  cgroup ${cgroupPath ?? 'none of its own'}`,
    why === undefined ? `  ${isPushed ? 'reported' : 'in no report yet'}` : `  not reported: ${why}`,
    '',
    ...containers.flatMap((container) => [...containerLines(container, detail), '']),
  ];
}

function containerLines(container: ContainerState, { report }: PodDetail): string[] {
  const {
    name,
    containerId,
    restartCount,
    startedAt,
    kernelFiles = [],
    counters,
    rate,
    why,
    pushed,
  } = container;
  const last = counters.at(-1);
  const counted =
    last === undefined
      ? 'none yet'
      : `at ${last.at}: ${last.cpuUsageUsec === undefined ? 'no CPU time' : `CPU time ${last.cpuUsageUsec} µs`}, ${
          last.memoryWorkingSetBytes === undefined
            ? 'no working set'
            : `working set ${last.memoryWorkingSetBytes} bytes (${mebibytes(last.memoryWorkingSetBytes)})`
        }; ${counters.length} readings of the last minute`;
  return [
    `  container ${name}: ${containerId}, restarts ${restartCount}, since ${startedAt}`,
    `    kernel    ${container.cgroupPath}`,
    ...kernelFiles.flatMap(kernelFileLines),
    `    counters  ${counted}`,
    rate === undefined
      ? `    rate      none: ${why ?? 'not read yet'}`
      : `    rate      ${rate.cpuNanocores} nanocores (${millicores(rate.cpuNanocores)}) over ${seconds(rate.windowUsec)}`,
    pushed === undefined
      ? '    pushed    nothing of it is in the newest report'
      : `    pushed    ${pushed.cpuNanocores} nanocores, ${pushed.memoryWorkingSetBytes} bytes, in the report of ${report?.sampledAt}`,
  ];
}

function kernelFileLines({ path, readAt, readFor, text, problem }: KernelFileState): string[] {
  const when = readFor === 'tick' ? `read ${readAt}` : `read now, ${readAt}, so newer than the counters`;
  if (text === undefined) return [`      ${path}: ${problem}`];
  return [
    `      ${path} (${when})`,
    ...text
      .trimEnd()
      .split('\n')
      .map((line) => `        ${line}`),
  ];
}
