import type { ContainerState, PodDetail, PodState } from '../../debug-state.ts';
import type { Reason } from '../../reason.ts';
import { element, facts, setText } from './element.ts';
import { NumberTrail } from './number-trail.ts';
import { bytesWords, cpuWords } from './number-words.ts';
import { showSignals } from './signal-list.ts';
import type { UsageHistory } from './usage-history.ts';
import { UsagePlot } from './usage-plot.ts';

/** Where everything about one container stands: facts, plots, signals, the way of its number. */
export class ContainerPanel {
  readonly key: string;
  readonly #host: HTMLElement;
  readonly #json: string;
  readonly #facts = element('dl', { class: 'facts' });
  readonly #problem = element('p', { class: 'problem', hidden: true });
  readonly #signals = element('dl', { class: 'facts' });
  readonly #signalsTitle = element('h3', { hidden: true }, 'Limits, throttling, pressure');
  readonly #cpu = new UsagePlot({ title: 'CPU', kind: 'cpu', words: (value) => cpuWords(value * 1e6) });
  readonly #memory = new UsagePlot({
    title: 'Working set',
    kind: 'memory',
    words: (value) => bytesWords(value * 2 ** 20),
  });
  readonly #trail = new NumberTrail();

  constructor(host: HTMLElement, key: string, pod: PodState, container: ContainerState, onClose: () => void) {
    this.key = key;
    this.#json = `/debug/pods/${encodeURIComponent(pod.namespace)}/${encodeURIComponent(pod.name)}`;
    this.#host = host;
    const close = element('button', { type: 'button', class: 'close' }, 'Close');
    close.addEventListener('click', onClose);
    const title = element(
      'h2',
      { id: 'panel-title' },
      element('span', { class: 'muted' }, `${pod.namespace}/${pod.name} `),
      container.name,
    );
    host.replaceChildren(
      element('div', { class: 'panel-head' }, title, close),
      this.#problem,
      element('div', { class: 'plots' }, this.#cpu.figure, this.#memory.figure),
      element('h3', {}, 'The way of its number'),
      this.#trail.list,
      this.#signalsTitle,
      this.#signals,
      element('h3', {}, 'Identity'),
      this.#facts,
    );
    host.hidden = false;
    host.focus();
  }

  /** What each event has. */
  update(
    pod: PodState,
    container: ContainerState,
    unreported: Reason | undefined,
    history: UsageHistory,
  ): void {
    const why = container.why ?? pod.why;
    const { sentence = why, mend = '' } = unreported ?? {};
    this.#say(sentence === undefined ? undefined : `Not reported: ${sentence} ${mend}`.trim());
    this.#facts.replaceChildren(
      ...facts([
        ['Started', container.startedAt.replace('T', ' ')],
        ['Restarts', container.restartCount],
        ['Pod UID', pod.uid],
        ['Container ID', container.containerId],
        ['Cgroup', element('code', {}, container.cgroupPath)],
        ['The same as JSON', element('a', { href: this.#json }, this.#json)],
      ]),
    );
    const series = history.series(this.key);
    this.#cpu.update(series);
    this.#memory.update(series);
    this.#signalsTitle.hidden = container.signals === undefined;
    if (container.signals !== undefined) showSignals(this.#signals, container.signals);
  }

  /** What was fetched of its pod: the steps all belong to one moment. */
  showTrail(detail: PodDetail): void {
    const containers = detail.pods.flatMap((pod) =>
      pod.containers.map((container) => ({ key: `${pod.uid}/${container.containerId}`, container })),
    );
    const own = containers.find(({ key }) => key === this.key);
    if (own !== undefined) this.#trail.update(detail, own.container);
  }

  /** The container has ended, or its pod could not be fetched. */
  showGone(sentence: string): void {
    this.#say(`${sentence} What is shown is what was known last.`);
  }

  recolour(): void {
    this.#cpu.recolour();
    this.#memory.recolour();
  }

  close(): void {
    this.#cpu.close();
    this.#memory.close();
    this.#host.hidden = true;
    this.#host.replaceChildren();
  }

  #say(sentence: string | undefined): void {
    this.#problem.hidden = sentence === undefined;
    setText(this.#problem, sentence ?? '');
  }
}
