import type { ContainerState, KernelFileState, PodDetail } from '../../debug-state.ts';
import { element, setText } from './element.ts';
import { bytesWords, clockWords, countWords, cpuWords, durationWords } from './number-words.ts';
import { counterWords, rateDerivation, rateWords } from './rate-derivation.ts';
import { replicaRows } from './replica-rows.ts';
import { workingSetWords } from './working-set-words.ts';

/** One kernel file on the page. */
interface FileBlock {
  readonly block: HTMLElement;
  /** Its folder, said once for files that are in the same. */
  readonly folder: HTMLElement;
  readonly head: HTMLElement;
  readonly text: HTMLElement;
}

/** The way of a container's number, step by step: kernel file, counter, rate, report, replicas. Written in place. */
export class NumberTrail {
  readonly list = element('ol', { class: 'trail' });
  readonly #noFiles = element('p', {}, 'No file is open for this container.');
  readonly #files = element('div', {}, this.#noFiles);
  readonly #texts = new Map<string, FileBlock>();
  readonly #cpu = element('p', { class: 'value' });
  readonly #memory = element('p', { class: 'value' });
  readonly #rate = element('p', { class: 'value' });
  readonly #pushed = element('p', { class: 'value' });
  readonly #replicas = element('tbody');

  constructor() {
    const head = ['Replica', 'Sent', 'Answered'].map((title) => element('th', { scope: 'col' }, title));
    const replicas = element(
      'table',
      {},
      element('caption', { class: 'unseen' }, 'What went to which replica, and what each answered'),
      element('thead', {}, element('tr', {}, ...head)),
      this.#replicas,
    );
    this.list.append(
      step('Kernel files', this.#files),
      step(
        'Counters',
        element('h4', {}, 'CPU time'),
        this.#cpu,
        element('h4', {}, 'Working set'),
        this.#memory,
      ),
      step('Rate', this.#rate),
      step('Report', this.#pushed),
      step('Replicas', element('div', { class: 'scroll' }, replicas)),
    );
  }

  /** Shows what one moment had. */
  update(detail: PodDetail, container: ContainerState): void {
    this.#showFiles(container.kernelFiles ?? []);
    const { counters, rate, pushed } = container;
    const derivation = rateDerivation(counters, rate);
    setText(this.#cpu, counterWords(counters, derivation));
    setText(this.#memory, workingSetWords(counters, container.kernelFiles ?? []));
    setText(this.#rate, rateWords(rate, derivation));
    if (pushed === undefined) setText(this.#pushed, 'In no report.');
    else {
      const swap = pushed.swapBytes === undefined ? '' : `, ${bytesWords(pushed.swapBytes)} of swap`;
      setText(
        this.#pushed,
        `${cpuWords(pushed.cpuNanocores)} (${countWords(pushed.cpuNanocores)} nanocores) over ${durationWords(pushed.windowUsec)}, ` +
          `${bytesWords(pushed.memoryWorkingSetBytes)} (${countWords(pushed.memoryWorkingSetBytes)} bytes)${swap}; ` +
          `sampled at ${clockWords(detail.report?.sampledAt)}`,
      );
    }
    this.#replicas.replaceChildren(
      ...replicaRows(detail).map(({ address, sent, answered }) =>
        element(
          'tr',
          {},
          element('th', { scope: 'row' }, address),
          element('td', {}, sent),
          element('td', {}, answered),
        ),
      ),
    );
  }

  #showFiles(files: readonly KernelFileState[]): void {
    const paths = new Set(files.map(({ path }) => path));
    for (const [path, { block }] of this.#texts) {
      if (paths.has(path)) continue;
      block.remove();
      this.#texts.delete(path);
    }
    for (const [index, file] of files.entries()) {
      const { folder, head, text } = this.#texts.get(file.path) ?? this.#addFile(file.path);
      const before = files[index - 1];
      folder.hidden = before !== undefined && folderOf(before.path) === folderOf(file.path);
      const asked = file.readFor === 'request' ? ', read for this page: newer than the counters' : '';
      setText(head, `read at ${clockWords(file.readAt)}${asked}`);
      setText(text, file.text?.trimEnd() ?? `cannot be read: ${file.problem ?? 'no reason is known'}`);
    }
    this.#noFiles.hidden = files.length > 0;
  }

  #addFile(path: string): FileBlock {
    const head = element('span', { class: 'muted' });
    // Reachable by keyboard, since long texts scroll.
    const text = element('pre', { tabindex: 0, role: 'region', 'aria-label': `Text of ${path}` });
    const folder = element('p', { class: 'muted folder' }, 'in ', element('code', {}, folderOf(path)));
    const name = element('code', {}, path.slice(folderOf(path).length));
    const block = element('div', { class: 'file' }, folder, name, ' ', head, text);
    this.#files.append(block);
    const added = { folder, head, text, block };
    this.#texts.set(path, added);
    return added;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

function step(title: string, ...content: readonly Node[]): HTMLElement {
  return element('li', {}, element('h3', {}, title), ...content);
}
