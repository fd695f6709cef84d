import type {
  ContainerState,
  DebugState,
  NotReportedState,
  PodState,
  ReplicaState,
  UsageState,
} from '../debug/debug-state.ts';
import { age, mebibytes, millicores, seconds } from './number-text.ts';
import { textTable } from './text-table.ts';

/** What a node without any fault has, and nobody looks for one by one: sandboxes, and runs and init containers that have ended. */
const usual: ReadonlySet<string> = new Set(['sandbox', 'starting', 'no-cgroup']);

/** The whole node for a terminal: streams, usage of node and containers, and what is not reported. */
export function nodeText(state: DebugState): string {
  const { node, time, agentVersion, periodUsec, windowUsec } = state;
  return [
    `${node.name}: cgroup ${node.cgroupMode}, tacho-agent ${agentVersion}, ${time}`,
    `Read each ${seconds(periodUsec)}, CPU rated over ${seconds(windowUsec)}.`,
    '',
    ...replicaLines(state),
    '',
    ...textTable([
      ['NAMESPACE', 'POD', 'CONTAINER', 'CPU', 'OVER', 'MEMORY', 'REPORTED'],
      ['(node)', '', '', ...usageCells(node), reported(node, undefined)],
      ...state.pods.flatMap((pod) => pod.containers.map((each) => containerRow(pod, each))),
    ]),
    '',
    ...notReportedLines(state.notReported, usual),
    '',
  ].join('\n');
}

/** The streams to the replicas: what went out on each when, and what was heard. */
export function replicaLines({
  replicas,
  time,
  report,
}: Pick<DebugState, 'replicas' | 'time' | 'report'>): string[] {
  if (replicas.length === 0) return ['No replica of the aggregator is known: the agent’s log says why.'];
  const row = ({ address, connected, since, lastError, sent, answered }: ReplicaState): string[] => [
    address,
    connected ? 'connected' : 'not connected',
    age(since, time),
    sent === undefined
      ? 'none'
      : `${age(sent.at, time)} ago${sent.sampledAt === report?.sampledAt ? '' : ', not the newest'}`,
    answered === undefined ? 'nothing' : `${age(answered.at, time)} ago`,
    connected ? '' : (lastError ?? ''),
  ];
  return textTable([
    ['AGGREGATOR', 'STREAM', 'FOR', 'LAST REPORT', 'LAST HEARD', 'WHY NOT'],
    ...replicas.map(row),
  ]);
}

function containerRow(pod: PodState, container: ContainerState): string[] {
  return [
    pod.namespace,
    pod.name,
    container.name,
    ...usageCells(container),
    reported(container, container.why === undefined ? pod.why : undefined),
  ];
}

function usageCells({ rate, counters }: UsageState): string[] {
  const bytes = counters.at(-1)?.memoryWorkingSetBytes;
  return [
    rate === undefined ? '-' : millicores(rate.cpuNanocores),
    rate === undefined ? '-' : seconds(rate.windowUsec),
    bytes === undefined ? '-' : mebibytes(bytes),
  ];
}

function reported({ why, pushed }: UsageState, podWhy: string | undefined): string {
  if (why !== undefined) return `no: ${why}`;
  if (podWhy !== undefined) return `no: ${podWhy}`;
  return pushed === undefined ? 'not yet' : 'yes';
}

/** Each thing with its reason, and what to do. @param folded codes of what is only counted */
export function notReportedLines(
  all: readonly NotReportedState[],
  folded: ReadonlySet<string> = new Set(['sandbox']),
): string[] {
  const told = all.filter(({ code }) => !folded.has(code));
  const counted = all.length - told.length;
  const alike = Map.groupBy(told, ({ code, sentence, mend }) => `${code}\n${sentence}\n${mend}`);
  const lines = [...alike.values()].flatMap(reasonLines);
  const others = counted === 0 ? '' : ` (and ${counted} sandboxes, ended and starting containers)`;
  return told.length === 0
    ? [`Everything that has a name is reported${others}.`]
    : [`Not reported: ${told.length}${others}`, ...lines];
}

/** Of many for one reason some names are enough. */
const mostNames = 5;

function reasonLines(alike: readonly NotReportedState[]): string[] {
  const [first] = alike;
  if (first === undefined) return [];
  const names = alike.slice(0, mostNames).map((each) => `    ${nameOf(each)}`);
  const more = alike.length > mostNames ? [`    and ${alike.length - mostNames} more`] : [];
  const mend = first.mend === undefined ? [] : [`    → ${first.mend}`];
  return [`  [${first.code}] ${first.sentence}`, ...names, ...more, ...mend];
}

function nameOf({ what, namespace, pod, container, cgroupPath }: NotReportedState): string {
  if (namespace !== undefined && pod !== undefined)
    return container === undefined ? `${namespace}/${pod}` : `${namespace}/${pod} container ${container}`;
  return cgroupPath ?? what;
}
