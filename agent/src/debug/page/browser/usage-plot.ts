import uPlot from 'uplot';
import { element, setText } from './element.ts';
import { clockWords } from './number-words.ts';
import type { UsageSeries } from './usage-history.ts';

/** What one plot shows. */
export interface PlotSubject {
  readonly title: string;
  readonly kind: 'cpu' | 'memory';
  /** How a value is written. */
  readonly words: (value: number) => string;
}

const heightPx = 150;
/** Of the CPU's: dashed and solid. */
const seriesNames = ['between two readings', 'over the window'];
/** Memory is told in powers of two, so its axis goes in them: 1 KiB to 1 PiB, in MiB. */
const binarySteps = Array.from({ length: 41 }, (_, power) => 2 ** (power - 10));

/** A plot of CPU or memory with its summary in words, for those who do not see it. Made only for what is open. */
export class UsagePlot {
  readonly figure: HTMLElement;
  readonly #subject: PlotSubject;
  readonly #summary = element('span', { class: 'muted' });
  readonly #host: HTMLElement;
  readonly #plot: uPlot;
  readonly #resize: ResizeObserver;
  readonly #sight: IntersectionObserver;
  readonly #colours = new Map<string, string>();
  #words = '';
  #isInSight = true;
  #undrawn: uPlot.AlignedData | undefined;

  constructor(subject: PlotSubject) {
    this.#subject = subject;
    this.#host = element('div', { class: 'plot', 'aria-hidden': 'true' });
    this.figure = element(
      'figure',
      {},
      element('figcaption', {}, element('strong', {}, subject.title), ' ', this.#summary),
      this.#host,
      ...(subject.kind === 'cpu'
        ? [
            element(
              'p',
              { class: 'legend' },
              `solid: ${seriesNames[1]}, as reported; dashed: ${seriesNames[0]}`,
            ),
          ]
        : []),
    );
    this.#plot = new uPlot(this.#options(), [[]], this.#host);
    this.#resize = new ResizeObserver(() => {
      const width = this.#host.clientWidth;
      if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: heightPx });
    });
    this.#resize.observe(this.#host);
    this.#sight = new IntersectionObserver((entries) => {
      this.#isInSight = entries.at(-1)?.isIntersecting ?? true;
      this.#draw();
    });
    this.#sight.observe(this.#host);
  }

  /** Draws new readings. */
  update({ times, between, rated, memoryMib }: UsageSeries): void {
    const isCpu = this.#subject.kind === 'cpu';
    this.#undrawn = isCpu ? [times, between, rated] : [times, memoryMib];
    this.#draw();
    const known = (isCpu ? [...rated, ...between] : memoryMib).filter((value) => value !== null);
    const latest = (isCpu ? (rated.at(-1) ?? between.at(-1)) : memoryMib.at(-1)) ?? undefined;
    this.#words = this.#summaryWords(latest, known, (times.at(-1) ?? 0) - (times[0] ?? 0));
    this.#showWords();
  }

  /** Labels on a canvas cost more than the whole table, so nothing is drawn where nobody sees it. */
  #draw(): void {
    if (!this.#isInSight || this.#undrawn === undefined) return;
    this.#plot.setData(this.#undrawn);
    this.#undrawn = undefined;
  }

  /** Draws again with the colours of the page as they are now. */
  recolour(): void {
    this.#colours.clear();
    this.#plot.redraw();
  }

  close(): void {
    this.#resize.disconnect();
    this.#sight.disconnect();
    this.#plot.destroy();
    this.figure.remove();
  }

  /** What is under the pointer, or what the plot says as a whole. */
  #showWords(): void {
    const { idx } = this.#plot.cursor;
    setText(this.#summary, idx === null || idx === undefined ? this.#words : this.#pointWords(idx));
  }

  #summaryWords(latest: number | undefined, known: readonly number[], seconds: number): string {
    if (latest === undefined || known.length === 0) return 'no value yet';
    const { words } = this.#subject;
    const span = seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
    return `now ${words(latest)}; ${words(Math.min(...known))} to ${words(Math.max(...known))} in ${span}`;
  }

  #pointWords(index: number): string {
    const [times = [], ...series] = this.#plot.data;
    const at = clockWords(new Date((times[index] ?? 0) * 1000).toISOString());
    const values = series.map((values, which) => {
      const value = values[index];
      return value === null || value === undefined
        ? ''
        : `${this.#subject.words(value)} ${seriesNames[which] ?? ''}`;
    });
    return [at, ...(this.#subject.kind === 'cpu' ? values : [values[0]?.replace(seriesNames[0] ?? '', '')])]
      .filter(Boolean)
      .join(', ');
  }

  /** A custom property is not resolved where it is read; a colour that is made of it is. Kept: to ask costs a layout. */
  #colour(name: string): string {
    let colour = this.#colours.get(name);
    if (colour === undefined) {
      this.#host.style.setProperty('--asked', `var(${name})`);
      colour = getComputedStyle(this.#host).outlineColor;
      if (this.#host.isConnected) this.#colours.set(name, colour);
    }
    return colour;
  }

  #options(): uPlot.Options {
    const { kind, words } = this.#subject;
    const axis = {
      stroke: () => this.#colour('--muted'),
      font: '11px system-ui, sans-serif',
      grid: { stroke: () => this.#colour('--line'), width: 1 },
      ticks: { stroke: () => this.#colour('--line'), width: 1, size: 4 },
    };
    const line = { stroke: () => this.#colour(`--${kind}`), points: { show: false }, width: 1.75 };
    const timeWords = (seconds: number) => clockWords(new Date(seconds * 1000).toISOString());
    return {
      width: 360,
      height: heightPx,
      cursor: { drag: { x: false, y: false }, points: { size: 6 }, y: false },
      legend: { show: false },
      hooks: { setCursor: [() => this.#showWords()] },
      scales: { y: { range: (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1] } },
      axes: [
        { ...axis, space: 80, size: 28, values: (_plot, ticks) => ticks.map(timeWords) },
        {
          ...axis,
          size: 74,
          space: 28,
          values: (_plot, ticks) => ticks.map(words),
          ...(kind === 'memory' ? { incrs: binarySteps } : {}),
        },
      ],
      series: [
        {},
        ...(kind === 'cpu'
          ? [
              { ...line, width: 1, dash: [4, 3] },
              { ...line, spanGaps: true, width: 2 },
            ]
          : [line]),
      ],
    };
  }
}
