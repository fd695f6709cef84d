import type { Absence } from '../api/measured/entries.ts';
import type { Entry } from '../api/measured/entry.ts';
import type { CheckedReport } from './checked-report.ts';
import type { NodeOrPod } from './cluster-objects.ts';
import { PodNames } from './report-names.ts';
import { Snapshot } from './snapshot.ts';

export const usage = {
  cpuNanocores: 5,
  memoryWorkingSetBytes: 7,
  swapBytes: undefined,
  windowUsec: 10_000_000,
};
export const silenceMs = 15_000;

/** A pod of namespace `default`. */
export function podObject(
  name: string,
  nodeName: string,
  metadata: object = {},
  phase = 'Running',
): NodeOrPod {
  return {
    metadata: { namespace: 'default', name, uid: `${name}-uid`, ...metadata },
    spec: { nodeName },
    status: { phase },
  };
}

/** The names that one stream's reports have had, by pod. */
export type Remembered = Map<string, PodNames>;

/** A report of these pods in namespace `default`, each with one container. @param remembered of the stream that it comes by */
export function report(
  podNames: readonly string[],
  node: CheckedReport['node'] = usage,
  remembered?: Remembered,
): CheckedReport {
  const containers = [{ name: 'app', ...usage }];
  const namesOf = (name: string, all: Remembered) => {
    const names = all.get(name) ?? new PodNames('default', name, `${name}-uid`, containers, 0);
    all.set(name, names);
    return { names };
  };
  const pods = podNames.map((name) => ({
    ...{ namespace: 'default', name, uid: `${name}-uid`, windowUsec: usage.windowUsec },
    ...{ containers, ...(remembered && namesOf(name, remembered)) },
  }));
  return { sampleMonotonicUsec: 0, node, pods };
}

/** What is served, as plain values. */
function served(snapshot: Snapshot) {
  const view = (entry: Entry) => {
    const sample = snapshot.samplesNow()(entry);
    if (sample === undefined) return undefined;
    const { namespace, name, labels } = entry;
    const { time, windowUsec, usages, names } = sample;
    const containers = usages.map(({ cpuNanocores, memoryWorkingSetBytes, swapBytes }, index) => ({
      name: names[index]?.name,
      ...{ cpuNanocores, memoryWorkingSetBytes, swapBytes },
    }));
    return {
      ...{ namespace, name, labels: labels.labels, timestampMs: time.timestampMs, windowUsec, containers },
    };
  };
  const all = (runs: readonly (readonly Entry[])[]) =>
    runs.flat().flatMap((entry) => {
      const item = view(entry);
      return item === undefined ? [] : [item];
    });
  const one = (found: Entry | Absence) => (typeof found === 'string' ? found : view(found));
  return {
    nodes: () => all(snapshot.nodes()),
    pods: (namespace?: string) => all(snapshot.pods(namespace)),
    node: (name: string) => one(snapshot.node(name)),
    pod: (namespace: string, name: string) => one(snapshot.pod(namespace, name)),
  };
}

/** Nodes n1 and n2; on each a pod that runs: `web` and `far`. */
export function cluster({ swap = true, leastHeldMs = (_: string): number => 0 } = {}) {
  const clock = { ms: 1_000_000 };
  const wall = { stepMs: 0 };
  const snapshot = new Snapshot({
    silenceMs,
    leastHeldMs,
    swap,
    monotonicMs: () => clock.ms,
    wallMs: () => clock.ms + wall.stepMs,
  });
  const { podObjects: pods, nodeObjects: nodes } = snapshot;
  nodes.replace([{ metadata: { name: 'n1', labels: { zone: 'a' } } }, { metadata: { name: 'n2' } }]);
  pods.replace([podObject('web', 'n1', { labels: { app: 'web' } }), podObject('far', 'n2')]);
  const view = served(snapshot);
  return {
    pods,
    nodes,
    clock,
    wall,
    snapshot,
    served: view,
    names: () => view.pods().map(({ name }) => name),
  };
}
