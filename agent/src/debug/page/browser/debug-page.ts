import type { ContainerState, DebugError, DebugState, PodDetail, PodState } from '../../debug-state.ts';
import { ContainerPanel } from './container-panel.ts';
import { containerKey, containerRows } from './container-rows.ts';
import { ContainerTable } from './container-table.ts';
import { byId, setText } from './element.ts';
import { withKeptSignals } from './kept-signals.ts';
import { NodeSection, nodeKey } from './node-section.ts';
import { clockWords, plural } from './number-words.ts';
import { chosenRows, type RowChoice, type RowSubset } from './row-order.ts';
import type { StreamHealth } from './state-stream.ts';
import { UnreportedList } from './unreported-list.ts';
import { unreportedReason } from './unreported-reason.ts';
import { UsageHistory } from './usage-history.ts';

/** What the page needs of the browser beside the document. */
export interface DebugPageDeps {
  readonly nowMs: () => number;
  readonly fetchPod: (namespace: string, name: string) => Promise<Response>;
}

interface OpenContainer {
  readonly pod: PodState;
  readonly container: ContainerState;
}

/** The page: takes states, shows them, and keeps what the person has chosen. */
export class DebugPage {
  readonly #deps: DebugPageDeps;
  readonly #history = new UsageHistory();
  readonly #node = new NodeSection();
  readonly #unreported = new UnreportedList(byId('unreported-list'));
  readonly #table: ContainerTable;
  readonly #stream = byId('stream');
  #choice: RowChoice = { column: 'cpuNanocores', descending: true, filter: '', show: 'all' };
  #state: DebugState | undefined;
  /** Keys in the order in which they stand; kept while somebody points at a row. */
  #order: readonly string[] = [];
  #panel: ContainerPanel | undefined;
  #fetching = false;

  constructor(deps: DebugPageDeps) {
    this.#deps = deps;
    this.#table = new ContainerTable(byId('table'), {
      onSort: (column, descending) => this.#choose({ column, descending }),
      onOpen: (key) => this.#toggle(key),
    });
    this.#table.showOrder(this.#choice);
    const filter = byId<HTMLInputElement>('filter');
    filter.addEventListener('input', () => this.#choose({ filter: filter.value }));
    const show = byId<HTMLSelectElement>('show');
    show.addEventListener('change', () => this.#choose({ show: show.value as RowSubset }));
    byId('panel').addEventListener('keydown', ({ key }) => {
      if (key === 'Escape') this.#closePanel();
    });
  }

  /** Takes one event. @returns the state in it */
  takeState(json: string): DebugState {
    const startMs = this.#deps.nowMs();
    const state = withKeptSignals(JSON.parse(json) as DebugState, this.#state);
    this.#state = state;
    setText(byId('node-name'), state.node.name);
    this.#remember(state);
    this.#node.update(state, this.#history);
    this.#unreported.update(state.notReported);
    this.#showRows(false);
    this.#showPanel();
    // For whoever measures: the script's own time, without the browser's layout and paint.
    performance.measure('tacho-update', { start: startMs, end: this.#deps.nowMs() });
    return state;
  }

  showHealth(health: StreamHealth): void {
    const words = {
      connecting: 'Connecting…',
      live: 'Live',
      stale: `Stale since ${clockWords(this.#state?.time)}, connecting again`,
    };
    // Spoken by screen readers where it changes, so it must not change with each event.
    setText(
      this.#stream,
      this.#state === undefined && health.kind === 'stale' ? 'No connection' : words[health.kind],
    );
    this.#stream.className = `stream ${health.kind}`;
  }

  showPaused(): void {
    setText(this.#stream, `Paused at ${clockWords(this.#state?.time)}`);
    this.#stream.className = 'stream';
  }

  recolour(): void {
    this.#node.recolour();
    this.#panel?.recolour();
  }

  #remember({ node, pods }: DebugState): void {
    const keys = new Set([nodeKey]);
    this.#history.add(nodeKey, node);
    for (const pod of pods) {
      for (const container of pod.containers) {
        const key = containerKey(pod, container);
        keys.add(key);
        this.#history.add(key, container);
      }
    }
    this.#history.keepOnly(keys);
  }

  #choose(change: Partial<RowChoice>): void {
    this.#choice = { ...this.#choice, ...change };
    this.#table.showOrder(this.#choice);
    this.#showRows(true);
  }

  /** @param isAsked whether the person has asked for another order: then it changes at once */
  #showRows(isAsked: boolean): void {
    if (this.#state === undefined) return;
    const all = containerRows(this.#state);
    let rows = chosenRows(all, this.#choice);
    const isHeld = !isAsked && this.#table.isInUse;
    byId('held').hidden = !isHeld;
    if (isHeld) {
      const place = new Map(this.#order.map((key, index) => [key, index]));
      const last = this.#order.length;
      rows = rows.sort((a, b) => (place.get(a.key) ?? last) - (place.get(b.key) ?? last));
    }
    this.#order = rows.map(({ key }) => key);
    this.#table.update(rows, this.#panel?.key);
    const shown = rows.length === all.length ? '' : `${rows.length} of `;
    setText(byId('shown'), `${shown}${plural(all.length, 'container')}`);
  }

  #find(key: string): OpenContainer | undefined {
    for (const pod of this.#state?.pods ?? []) {
      const container = pod.containers.find((each) => containerKey(pod, each) === key);
      if (container !== undefined) return { pod, container };
    }
    return undefined;
  }

  #toggle(key: string): void {
    if (this.#panel?.key === key) {
      this.#closePanel();
      return;
    }
    const found = this.#find(key);
    if (found === undefined) return;
    this.#panel?.close();
    this.#panel = new ContainerPanel(byId('panel'), key, found.pod, found.container, () =>
      this.#closePanel(),
    );
    this.#showPanel();
    this.#showRows(false);
  }

  #closePanel(): void {
    const panel = this.#panel;
    if (panel === undefined) return;
    panel.close();
    this.#panel = undefined;
    this.#showRows(false);
    if (!this.#table.focus(panel.key)) byId('containers').focus();
  }

  #showPanel(): void {
    const panel = this.#panel;
    if (panel === undefined) return;
    const found = this.#find(panel.key);
    if (found === undefined) {
      panel.showGone('The container has ended.');
      return;
    }
    const { pod, container } = found;
    const reason = unreportedReason(this.#state?.notReported ?? [], container);
    panel.update(pod, container, reason, this.#history);
    void this.#fetchTrail(panel, pod);
  }

  /** One request at a time: an agent that is slow to answer must not be asked more. */
  async #fetchTrail(panel: ContainerPanel, { namespace, name }: PodState): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      const response = await this.#deps.fetchPod(namespace, name);
      const detail = (await response.json()) as PodDetail | DebugError;
      if (this.#panel !== panel) return;
      if ('error' in detail) panel.showGone(detail.error);
      else panel.showTrail(detail);
    } catch {
      // The stream breaks too, and says so.
    } finally {
      this.#fetching = false;
      if (this.#panel !== undefined && this.#panel !== panel) this.#showPanel();
    }
  }
}
