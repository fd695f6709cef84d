import type { ContainerRow } from './container-rows.ts';
import { element } from './element.ts';
import { plural } from './number-words.ts';
import { type RowChoice, type SortColumn, startsDescending } from './row-order.ts';
import { TableRow } from './table-row.ts';

/** What the table tells the page. */
export interface ContainerTableEvents {
  readonly onSort: (column: SortColumn, descending: boolean) => void;
  readonly onOpen: (key: string) => void;
}

const columns: readonly {
  readonly column: SortColumn;
  readonly title: string;
  readonly explained?: string;
}[] = [
  { column: 'pod', title: 'Pod' },
  { column: 'container', title: 'Container' },
  { column: 'cpuNanocores', title: 'CPU', explained: 'thousandths of a core over the window, as reported' },
  { column: 'memoryBytes', title: 'Memory', explained: 'working set, as reported' },
  {
    column: 'throttledPercent',
    title: 'Throttled',
    explained: 'part of the CFS periods in which it was stopped',
  },
  { column: 'pressurePercent', title: 'Pressure', explained: 'highest of CPU, memory and I/O, some, 10 s' },
  { column: 'restarts', title: 'Restarts' },
  { column: 'state', title: 'State' },
];
/** More lines than anybody reads; the rest on demand. */
const firstRows = 300;

/** The table of containers: one line each, kept and changed rather than made anew, so that 250 cost next to nothing. */
export class ContainerTable {
  readonly #events: ContainerTableEvents;
  readonly #body = element('tbody');
  readonly #headers = new Map<SortColumn, HTMLElement>();
  readonly #rows = new Map<string, TableRow>();
  readonly #more = element('button', { type: 'button', hidden: true });
  #most = firstRows;
  #latest: { rows: readonly ContainerRow[]; openKey: string | undefined } = { rows: [], openKey: undefined };

  constructor(host: HTMLElement, events: ContainerTableEvents) {
    this.#events = events;
    const head = element('tr', {}, ...columns.map((column) => this.#header(column)));
    const caption = element('caption', { class: 'unseen' }, 'Containers of this node, one row each');
    host.append(
      element('table', { class: 'containers' }, caption, element('thead', {}, head), this.#body),
      this.#more,
    );
    this.#body.addEventListener('click', ({ target }) => {
      const key = (target as Element).closest('tr')?.dataset['key'];
      // A drag over text, to copy it, ends with a click too.
      if (key !== undefined && getSelection()?.type !== 'Range') events.onOpen(key);
    });
    this.#more.addEventListener('click', () => {
      this.#most = Number.POSITIVE_INFINITY;
      this.update(this.#latest.rows, this.#latest.openKey);
    });
  }

  /** Whether rows would move away under a pointer or from under the keyboard's focus. */
  get isInUse(): boolean {
    return this.#body.matches(':hover') || this.#body.contains(document.activeElement);
  }

  /** Says which column sorts; the others say that they do not. */
  showOrder({ column, descending }: Pick<RowChoice, 'column' | 'descending'>): void {
    for (const [each, header] of this.#headers) {
      const order = each !== column ? 'none' : descending ? 'descending' : 'ascending';
      header.setAttribute('aria-sort', order);
    }
  }

  /** Shows these rows in this order. */
  update(rows: readonly ContainerRow[], openKey: string | undefined): void {
    this.#latest = { rows, openKey };
    const shown = rows.slice(0, this.#most);
    const highest = {
      cpuNanocores: Math.max(1, ...rows.map(({ cpuNanocores = 0 }) => cpuNanocores)),
      memoryBytes: Math.max(1, ...rows.map(({ memoryBytes = 0 }) => memoryBytes)),
    };
    const wanted = new Set(shown.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.line.remove();
      this.#rows.delete(key);
    }
    let next = this.#body.firstElementChild;
    for (const data of shown) {
      const row = this.#rows.get(data.key) ?? new TableRow(data);
      this.#rows.set(data.key, row);
      row.update(data, highest, data.key === openKey);
      if (row.line === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row.line, next);
    }
    this.#more.hidden = shown.length === rows.length;
    if (!this.#more.hidden) this.#more.textContent = `Show ${plural(rows.length - shown.length, 'more row')}`;
  }

  /** Puts the keyboard's focus back where a panel was opened from. @returns false when the row is gone */
  focus(key: string): boolean {
    const row = this.#rows.get(key);
    row?.button.focus();
    return row !== undefined;
  }

  #header({ column, title, explained }: (typeof columns)[number]): HTMLElement {
    const button = element('button', { type: 'button', class: 'sort', title: explained }, title);
    const header = element('th', { scope: 'col', class: startsDescending(column) ? 'number' : '' }, button);
    this.#headers.set(column, header);
    button.addEventListener('click', () => {
      const sorted = header.getAttribute('aria-sort');
      const descending = sorted === 'none' ? startsDescending(column) : sorted === 'ascending';
      this.#events.onSort(column, descending);
    });
    return header;
  }
}
