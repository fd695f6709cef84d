/** One container's or the node's, by the kubelet's own clock. */
export interface Figures {
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
  readonly sampledMs: number;
}

export interface ContainerFigures extends Figures {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly startedMs: number;
}

export interface ResourceFigures {
  readonly node: Figures | undefined;
  readonly containers: readonly ContainerFigures[];
}

/**
 * What a kubelet of Kubernetes 1.36 says at /metrics/resource, in its order and with its words.
 * @param twice whether the first container's CPU is there a second time with another figure
 */
export function resourceMetrics({ node, containers }: ResourceFigures, twice = false): string {
  const family = (name: string, type: string, help: string, lines: readonly string[]) =>
    lines.length === 0 ? '' : `# HELP ${name} [STABLE] ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
  const [first] = containers;
  const again = twice && first !== undefined ? [{ ...first, cpuSeconds: first.cpuSeconds + 1_000 }] : [];
  const of = ({ container, namespace, pod }: ContainerFigures) =>
    `{container="${container}",namespace="${namespace}",pod="${pod}"}`;
  return [
    family(
      'container_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the container in core-seconds',
      [...containers, ...again].map(
        (each) =>
          `container_cpu_usage_seconds_total${of(each)} ${goNumber(each.cpuSeconds)} ${each.sampledMs}\n`,
      ),
    ),
    family(
      'container_memory_working_set_bytes',
      'gauge',
      'Current working set of the container in bytes',
      containers.map(
        (each) =>
          `container_memory_working_set_bytes${of(each)} ${goNumber(each.memoryBytes)} ${each.sampledMs}\n`,
      ),
    ),
    family(
      'container_start_time_seconds',
      'gauge',
      'Start time of the container since unix epoch in seconds',
      containers.map(
        (each) => `container_start_time_seconds${of(each)} ${goNumber(each.startedMs / 1_000)}\n`,
      ),
    ),
    family(
      'node_cpu_usage_seconds_total',
      'counter',
      'Cumulative cpu time consumed by the node in core-seconds',
      node === undefined
        ? []
        : [`node_cpu_usage_seconds_total ${goNumber(node.cpuSeconds)} ${node.sampledMs}\n`],
    ),
    family(
      'node_memory_working_set_bytes',
      'gauge',
      'Current working set of the node in bytes',
      node === undefined
        ? []
        : [`node_memory_working_set_bytes ${goNumber(node.memoryBytes)} ${node.sampledMs}\n`],
    ),
    family(
      'resource_scrape_error',
      'gauge',
      '1 if there was an error while getting container metrics, 0 otherwise',
      ['resource_scrape_error 0\n'],
    ),
  ].join('');
}

/** As Go prints a float of 64 bits with the fewest digits: with an exponent from 21 digits on, or here from seven. */
function goNumber(value: number): string {
  if (value < 1e6) return String(value);
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  return `${mantissa}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
}
