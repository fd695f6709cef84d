import type { DebugState } from '../../debug-state.ts';
import { byId, element, facts } from './element.ts';
import { bytesWords, countWords, cpuWords, durationWords } from './number-words.ts';
import { replicaRows } from './replica-rows.ts';
import { showNodeSignals } from './signal-list.ts';
import type { UsageHistory } from './usage-history.ts';
import { UsagePlot } from './usage-plot.ts';

/** Under which the history keeps the node. */
export const nodeKey = 'node';

/** The node's own numbers, its plots, and the replicas that it pushes to. */
export class NodeSection {
  readonly #cpu = new UsagePlot({ title: 'CPU', kind: 'cpu', words: (value) => cpuWords(value * 1e6) });
  readonly #memory = new UsagePlot({
    title: 'Working set',
    kind: 'memory',
    words: (value) => bytesWords(value * 2 ** 20),
  });
  readonly #facts = byId('node-facts');
  readonly #signals = element('dl', { class: 'facts' });
  readonly #replicas = element('tbody');

  constructor() {
    byId('node-plots').append(this.#cpu.figure, this.#memory.figure);
    byId('node').append(this.#signals);
    const head = ['Replica', 'Stream', 'Sent', 'Answered'].map((title) =>
      element('th', { scope: 'col' }, title),
    );
    byId('replica-table').append(
      element(
        'table',
        {},
        element('caption', {}, 'Each report goes to every replica whole; none is acknowledged on its own.'),
        element('thead', {}, element('tr', {}, ...head)),
        this.#replicas,
      ),
    );
  }

  update(state: DebugState, history: UsageHistory): void {
    const { node } = state;
    const { pushed, counters, signals } = node;
    const containers = state.pods.reduce((sum, pod) => sum + pod.containers.length, 0);
    const connected = state.replicas.filter((replica) => replica.connected).length;
    this.#facts.replaceChildren(
      ...facts([
        ['CPU', cpuWords(pushed?.cpuNanocores ?? node.rate?.cpuNanocores)],
        ['Working set', bytesWords(pushed?.memoryWorkingSetBytes ?? counters.at(-1)?.memoryWorkingSetBytes)],
        ['Swap', pushed?.swapBytes === undefined ? undefined : bytesWords(pushed.swapBytes)],
        ['Pods', countWords(state.pods.length)],
        ['Containers', countWords(containers)],
        ['Replicas connected', `${connected} of ${state.replicas.length}`],
        ['Period, window', `${durationWords(state.periodUsec)}, ${durationWords(state.windowUsec)}`],
        ['Cgroups', state.node.cgroupMode],
        ['Agent', state.agentVersion],
        ...(state.slowFiles ?? []).map(
          ({ path, tookUsec, ageUsec }) =>
            [
              'Slow kernel file, read seldom',
              `${path} takes ${durationWords(tookUsec)}; what is shown of it is ${durationWords(ageUsec)} old`,
            ] as const,
        ),
      ]),
    );
    const series = history.series(nodeKey);
    this.#cpu.update(series);
    this.#memory.update(series);
    this.#signals.hidden = signals === undefined;
    if (signals !== undefined) showNodeSignals(this.#signals, signals);
    this.#replicas.replaceChildren(
      ...replicaRows(state).map(({ address, connected, since, sent, answered }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, address),
          element('td', { class: connected ? 'connected' : 'missing' }, since),
          element('td', {}, sent),
          element('td', {}, answered),
        ),
      ),
    );
  }

  recolour(): void {
    this.#cpu.recolour();
    this.#memory.recolour();
  }
}
