/** What an element can be given: text is always text, never markup. */
export type Child = Node | string | number | undefined;

/** Attributes by name; one that is undefined or false is left out, true is written without a value. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Makes an element. The only door to the document for what comes from the node: names of pods are strangers' text, so
 * nothing here parses HTML.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    made.setAttribute(key, value === true ? '' : String(value));
  }
  made.append(...children.filter((child) => child !== undefined).map((child) => asNode(child)));
  return made;
}

/** Characters of a description beside others. */
const longestInColumn = 48;
/** What setText() has written: to ask the document costs more than all the rest of a line of the table. */
const written = new WeakMap<Element, { text: string; readonly node: Text }>();

/** Sets text only where it differs: writing the same text again costs a layout. Nothing else may write into the element. */
export function setText(target: Element, text: string): void {
  const before = written.get(target);
  if (before === undefined) {
    const node = document.createTextNode(text);
    target.replaceChildren(node);
    written.set(target, { text, node });
  } else if (before.text !== text) {
    before.text = text;
    before.node.data = text;
  }
}

/** @throws when the page lacks it, which is a defect of the page itself */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`Cannot find #${id} in the page`);
  return found as E;
}

/** Terms with their descriptions, for a `dl`; what has no description is left out. Long ones have a line of their own. */
export function facts(entries: readonly (readonly [string, Child])[]): HTMLElement[] {
  return entries
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([term, value]) => {
      const isLong =
        (value instanceof Node ? (value.textContent ?? '') : String(value)).length > longestInColumn;
      return element('div', { class: isLong && 'long' }, element('dt', {}, term), element('dd', {}, value));
    });
}

function asNode(child: Node | string | number): Node | string {
  return typeof child === 'number' ? String(child) : child;
}
