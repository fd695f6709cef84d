import type { ContainerRow } from './container-rows.ts';
import { element, setText } from './element.ts';
import { bytesWords, countWords, cpuWords, percentWords } from './number-words.ts';

/** The longest bars of the table. */
export interface HighestUsage {
  readonly cpuNanocores: number;
  readonly memoryBytes: number;
}

/** Pressure and throttling from here on are worth a look. */
const notablePercent = 5;

/** One line of the table of containers. */
export class TableRow {
  readonly line: HTMLTableRowElement;
  readonly button: HTMLButtonElement;
  readonly #cpu = element('td', { class: 'number bar cpu' });
  readonly #memory = element('td', { class: 'number bar memory' });
  readonly #throttled = element('td', { class: 'number' });
  readonly #pressure = element('td', { class: 'number' });
  readonly #restarts = element('td', { class: 'number' });
  readonly #state = element('td', { class: 'state' });

  constructor({ key, namespace, pod, container }: ContainerRow) {
    this.button = element(
      'button',
      {
        type: 'button',
        class: 'open',
        'aria-expanded': 'false',
        'aria-controls': 'panel',
        'aria-label': `${namespace}/${pod}, container ${container}`,
        title: `${namespace}/${pod}`,
      },
      element('span', { class: 'muted' }, `${namespace}/`),
      pod,
    );
    this.line = element(
      'tr',
      { 'data-key': key },
      element('th', { scope: 'row' }, this.button),
      element('td', { class: 'cut', title: container }, container),
      this.#cpu,
      this.#memory,
      this.#throttled,
      this.#pressure,
      this.#restarts,
      this.#state,
    );
  }

  /** Writes what has changed, nothing else. */
  update(row: ContainerRow, highest: HighestUsage, isOpen: boolean): void {
    setText(this.#cpu, cpuWords(row.cpuNanocores));
    setText(this.#memory, bytesWords(row.memoryBytes));
    setText(this.#throttled, percentWords(row.throttledPercent));
    setText(this.#pressure, percentWords(row.pressurePercent));
    setText(this.#restarts, countWords(row.restarts));
    setText(this.#state, row.state);
    setBar(this.#cpu, row.cpuNanocores, highest.cpuNanocores);
    setBar(this.#memory, row.memoryBytes, highest.memoryBytes);
    this.#throttled.classList.toggle('notable', (row.throttledPercent ?? 0) >= notablePercent);
    this.#pressure.classList.toggle('notable', (row.pressurePercent ?? 0) >= notablePercent);
    this.#state.classList.toggle('missing', !row.reported);
    if (this.#state.title !== row.state) this.#state.title = row.state;
    const expanded = String(isOpen);
    if (this.button.getAttribute('aria-expanded') === expanded) return;
    this.button.setAttribute('aria-expanded', expanded);
    this.line.classList.toggle('chosen', isOpen);
  }
}

/** In whole percent: finer steps would have the browser paint where nobody sees a difference. */
function setBar(cell: HTMLElement, value: number | undefined, highest: number): void {
  const part = `${Math.round((100 * (value ?? 0)) / highest)}%`;
  if (cell.style.getPropertyValue('--part') !== part) cell.style.setProperty('--part', part);
}
