import type { ContainerSignals, NodeSignals, PodSignals } from '../../../signals/signal-values.ts';
import { element } from './element.ts';
import { memorySplit, nodeSignalLines, type SignalLine, signalLines } from './signal-words.ts';

/** Shows a container's or a pod's signals in a `dl`. */
export function showSignals(list: HTMLElement, signals: ContainerSignals | PodSignals): void {
  show(list, [...signalLines(signals), ...memorySplit(signals)]);
}

/** Shows a node's. */
export function showNodeSignals(list: HTMLElement, signals: NodeSignals): void {
  show(list, [...nodeSignalLines(signals), ...memorySplit(signals)]);
}

/** What is known as terms and words; what is not, below, grouped by its reason. */
function show(list: HTMLElement, lines: readonly SignalLine[]): void {
  const known = lines.filter(({ why }) => why === undefined);
  const missing = new Map<string, string[]>();
  for (const { term, why } of lines) {
    if (why !== undefined) missing.set(why, [...(missing.get(why) ?? []), term]);
  }
  const entries = [
    ...known.map(({ term, words }) => ({ term, words, isMissing: false })),
    ...[...missing].map(([why, terms]) => ({ term: terms.join(', '), words: why, isMissing: true })),
  ];
  const text = entries.map(({ term, words }) => `${term}\0${words}`).join('\0');
  if (list.dataset['text'] === text) return;
  list.dataset['text'] = text;
  list.replaceChildren(
    ...entries.map(({ term, words, isMissing }) =>
      element(
        'div',
        { class: isMissing ? 'missing-signal' : undefined },
        element('dt', {}, term),
        element('dd', {}, words),
      ),
    ),
  );
}
