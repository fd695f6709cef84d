import type { NotReportedState } from '../../debug-state.ts';
import { element, setText } from './element.ts';
import { countWords, plural } from './number-words.ts';
import { allReportedWords, usualReasons } from './usual-reasons.ts';

/** One code with everything that is missing for it. */
interface Group {
  readonly block: HTMLDetailsElement;
  readonly count: HTMLElement;
  readonly sentence: HTMLElement;
  readonly mend: HTMLElement;
  readonly items: HTMLElement;
  text: string;
}

/** Longer lists are for /debug/state. */
const mostItems = 200;

/** What is in no report, by reason. Groups stay open or closed as the person left them. */
export class UnreportedList {
  readonly #host: HTMLElement;
  readonly #groups = new Map<string, Group>();
  readonly #nothing = element('p', { class: 'muted' });

  constructor(host: HTMLElement) {
    this.#host = host;
    host.append(this.#nothing);
  }

  update(all: readonly NotReportedState[]): void {
    const byCode = new Map<string, NotReportedState[]>();
    for (const each of all) {
      const same = byCode.get(each.code);
      if (same === undefined) byCode.set(each.code, [each]);
      else same.push(each);
    }
    for (const [code, { block }] of this.#groups) {
      if (byCode.has(code)) continue;
      block.remove();
      this.#groups.delete(code);
    }
    for (const [code, members] of byCode) {
      this.#show(this.#groups.get(code) ?? this.#add(code), members, usualReasons.get(code));
    }
    const words = allReportedWords(all);
    this.#nothing.hidden = words === undefined;
    setText(this.#nothing, words ?? '');
  }

  /** @param usual for all members, instead of the sentence of each */
  #show(group: Group, members: readonly NotReportedState[], usual: string | undefined): void {
    const [{ sentence, mend = '' } = { sentence: '' }] = members;
    setText(group.count, countWords(members.length));
    setText(group.sentence, usual ?? sentence);
    setText(group.mend, mend);
    const lines = members
      .slice(0, mostItems)
      .map((each) => lineOf(each, usual === undefined ? sentence : each.sentence));
    if (members.length > mostItems)
      lines.push(`and ${plural(members.length - mostItems, 'other')}: see /debug/state`);
    const text = lines.join('\n');
    if (group.text === text) return;
    group.text = text;
    group.items.replaceChildren(...lines.map((line) => element('li', {}, line)));
  }

  #add(code: string): Group {
    const count = element('span', { class: 'count' });
    const sentence = element('span');
    const mend = element('p', { class: 'muted' });
    const items = element('ul');
    const summary = element('summary', {}, count, ' ', element('code', {}, code), ' ', sentence);
    const isUsual = usualReasons.has(code);
    const block = element('details', { open: !isUsual }, summary, mend, items);
    // The usual ones last.
    if (isUsual) this.#host.append(block);
    else this.#host.prepend(block);
    const group = { block, count, sentence, mend, items, text: '' };
    this.#groups.set(code, group);
    return group;
  }
}

/** Who it is about; its own sentence where that differs from the group's. */
function lineOf(each: NotReportedState, common: string): string {
  const { what, namespace, pod, container, cgroupPath, sentence } = each;
  const name = pod === undefined ? undefined : `${namespace ?? ''}/${pod}`;
  const who = [name, container, name === undefined ? cgroupPath : undefined].filter(
    (part) => part !== undefined,
  );
  const words = who.length === 0 ? what : `${what} ${who.join(' ')}`;
  return sentence === common ? words : `${words}: ${sentence}`;
}
