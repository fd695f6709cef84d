import type { Measured, MeasuredNode } from './measured-values.ts';

export const metricsResourceType = 'text/plain; version=0.0.4; charset=utf-8';

/** Values of the labels that a family has, in the order of the labels' names. */
type LabelValues = readonly string[];
interface Sample {
  readonly labels: LabelValues;
  readonly value: string | undefined;
  readonly atMs: number | undefined;
}
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels: readonly string[];
  readonly samples: readonly Sample[];
}

const ofContainer = ['container', 'namespace', 'pod'];
const ofPod = ['namespace', 'pod'];
const swapNote = 'Reported only on non-windows systems';

/**
 * The page /metrics/resource of a kubelet (k8s.io/kubernetes pkg/kubelet/metrics/collectors), text format 0.0.4: families by
 * name, series by their labels' values, what is not known left out, the time of the reading in ms on each value.
 */
export function metricsResource(measured: MeasuredNode): string {
  return families(measured)
    .map(({ samples, ...family }) => ({
      ...family,
      samples: samples.filter(({ value }) => value !== undefined).sort(byLabels),
    }))
    .filter(({ samples }) => samples.length > 0)
    .map(familyText)
    .join('');
}

function families({ node, pods, isWhole }: MeasuredNode): Family[] {
  const named = onePodPerName(pods);
  const containers = named.flatMap(({ namespace, name: pod, containers }) =>
    containers.map((each) => ({ labels: [each.name, namespace, pod], measured: each, each })),
  );
  const owns = named.flatMap(({ namespace, name, own }) =>
    own === undefined ? [] : [{ labels: [namespace, name], measured: own }],
  );
  const root = [{ labels: [], measured: node }];
  type Read = (measured: Measured) => string | undefined;
  const samplesOf = (from: readonly { labels: LabelValues; measured: Measured }[], read: Read) =>
    from.map(({ labels, measured }) => ({ labels, value: read(measured), atMs: measured.atMs }));
  const whole = (number: number | undefined) => (number === undefined ? undefined : String(number));
  const cpu: Read = ({ cpuTime }) => (cpuTime === undefined ? undefined : decimalSeconds(cpuTime));
  const memory: Read = ({ memoryWorkingSetBytes }) => whole(memoryWorkingSetBytes);
  const swap: Read = ({ swapBytes }) => whole(swapBytes);
  const [counter, gauge] = ['counter', 'gauge'] as const;
  const family = (name: string, help: string, type: Family['type'], labels: readonly string[]) => ({
    ...{ name, help, type, labels },
  });
  const cpuHelp = (of: string) => `[STABLE] Cumulative cpu time consumed by the ${of} in core-seconds`;
  const memoryHelp = (of: string) => `[STABLE] Current working set of the ${of} in bytes`;
  return [
    {
      ...family('container_cpu_usage_seconds_total', cpuHelp('container'), counter, ofContainer),
      samples: samplesOf(containers, cpu),
    },
    {
      ...family('container_memory_working_set_bytes', memoryHelp('container'), gauge, ofContainer),
      samples: samplesOf(containers, memory),
    },
    {
      ...family(
        'container_start_time_seconds',
        '[STABLE] Start time of the container since unix epoch in seconds',
        gauge,
        ofContainer,
      ),
      samples: containers.map(({ labels, each: { startedAtMs } }) => ({
        labels,
        value: startedAtMs > 0 ? String(Math.trunc(startedAtMs) / 1000) : undefined,
        atMs: undefined,
      })),
    },
    {
      ...family(
        'container_swap_usage_bytes',
        `[ALPHA] Current amount of the container swap usage in bytes. ${swapNote}`,
        gauge,
        ofContainer,
      ),
      samples: samplesOf(containers, swap),
    },
    {
      ...family('node_cpu_usage_seconds_total', cpuHelp('node'), counter, []),
      samples: samplesOf(root, cpu),
    },
    {
      ...family('node_memory_working_set_bytes', memoryHelp('node'), gauge, []),
      samples: samplesOf(root, memory),
    },
    {
      ...family(
        'node_swap_usage_bytes',
        `[ALPHA] Current swap usage of the node in bytes. ${swapNote}`,
        gauge,
        [],
      ),
      samples: samplesOf(root, swap),
    },
    {
      ...family('pod_cpu_usage_seconds_total', cpuHelp('pod'), counter, ofPod),
      samples: samplesOf(owns, cpu),
    },
    {
      ...family('pod_memory_working_set_bytes', memoryHelp('pod'), gauge, ofPod),
      samples: samplesOf(owns, memory),
    },
    {
      ...family(
        'pod_swap_usage_bytes',
        `[ALPHA] Current amount of the pod swap usage in bytes. ${swapNote}`,
        gauge,
        ofPod,
      ),
      samples: samplesOf(owns, swap),
    },
    {
      ...family(
        'resource_scrape_error',
        '[STABLE] 1 if there was an error while getting container metrics, 0 otherwise',
        gauge,
        [],
      ),
      samples: [{ labels: [], value: isWhole ? '0' : '1', atMs: undefined }],
    },
  ];
}

/** A pod that was made anew has its name twice while the old one ends, and two series of the same labels spoil a page. */
function onePodPerName(pods: MeasuredNode['pods']): MeasuredNode['pods'] {
  const byName = new Map<string, MeasuredNode['pods'][number]>();
  for (const pod of pods) {
    const key = `${pod.namespace}/${pod.name}`;
    const other = byName.get(key);
    if (other === undefined || other.startedAtMs < pod.startedAtMs) byName.set(key, pod);
  }
  return [...byName.values()];
}

/** All the digits that the kernel gave. */
function decimalSeconds({ seconds, nanoseconds }: { seconds: number; nanoseconds: number }): string {
  const decimals = String(nanoseconds).padStart(9, '0').replace(/0+$/, '');
  return decimals === '' ? String(seconds) : `${seconds}.${decimals}`;
}

function familyText({ name, help, type, labels, samples }: Family): string {
  const lines = samples.map(({ labels: values, value, atMs }) => {
    const pairs = labels.map((label, index) => `${label}="${escaped(values[index] ?? '')}"`);
    const series = pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
    return atMs === undefined ? `${series} ${value}\n` : `${series} ${value} ${Math.trunc(atMs)}\n`;
  });
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function byLabels({ labels: one }: Sample, { labels: other }: Sample): number {
  const differing = one.findIndex((value, index) => value !== other[index]);
  return differing < 0 ? 0 : (one[differing] ?? '') < (other[differing] ?? '') ? -1 : 1;
}
