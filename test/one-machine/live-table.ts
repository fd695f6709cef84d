/** The fields of metrics.k8s.io that the table shows. */
interface Usage {
  readonly cpu: string;
  readonly memory: string;
}

export interface NodeMetrics {
  readonly metadata: { readonly name: string };
  readonly timestamp: string;
  readonly window: string;
  readonly usage: Usage;
}

export interface PodMetrics {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly timestamp: string;
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: Usage }[];
}

const scales: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** The number that a Kubernetes quantity stands for; NaN for what is none. */
export function quantityValue(text: string): number {
  const [, digits, suffix] = /^(\d+)([a-zA-Z]*)$/.exec(text) ?? [];
  return Number(digits) * (scales[suffix ?? '?'] ?? Number.NaN);
}

/** Rows of text in columns, two spaces apart, numbers to the right. */
function columns(rows: readonly (readonly string[])[], numeric: number): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at < numeric ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const millicores = (cpu: string): string => `${Math.ceil(quantityValue(cpu) * 1000)}m`;
const mebibytes = (memory: string): string => `${(quantityValue(memory) / 2 ** 20).toFixed(1)}Mi`;
const age = (timestamp: string, nowMs: number): string =>
  `${Math.max(0, (nowMs - Date.parse(timestamp)) / 1000).toFixed(1)}s`;

/** The live view: every node and container with what it uses, over which window, and how old that is. */
export function liveTable(nodes: readonly NodeMetrics[], pods: readonly PodMetrics[], nowMs: number): string {
  const heading = ['CPU', 'MEMORY', 'WINDOW', 'AGE'];
  const nodeRows = nodes.map(({ metadata, usage, window, timestamp }) => [
    metadata.name,
    millicores(usage.cpu),
    mebibytes(usage.memory),
    window,
    age(timestamp, nowMs),
  ]);
  const podRows = pods.flatMap(({ metadata, containers, window, timestamp }) =>
    containers.map(({ name, usage }) => [
      metadata.namespace,
      metadata.name,
      name,
      millicores(usage.cpu),
      mebibytes(usage.memory),
      window,
      age(timestamp, nowMs),
    ]),
  );
  const lines = columns([['NODE', ...heading], ...nodeRows], 1);
  if (nodeRows.length === 0) lines.push('(no report of this node yet)');
  lines.push('', ...columns([['NAMESPACE', 'POD', 'CONTAINER', ...heading], ...podRows], 3));
  if (podRows.length === 0) lines.push('(no pods to show)');
  return lines.join('\n');
}
