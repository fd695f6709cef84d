import { ContainerName } from '../api/measured/entry.ts';

const none: readonly ContainerName[] = [];
/** Names come from agents: one that lies must not fill the memory. */
const mostNames = 10_000;
const longestSharedList = 16;

/** Keeps equal container names as one object, and equal lists of them too. */
export class ContainerNames {
  readonly #names = new Map<string, ContainerName>();
  readonly #lists = new Map<string, readonly ContainerName[]>();

  /** @param before those of the last sample, nearly always the same */
  of(
    containers: readonly { readonly name: string }[],
    before: readonly ContainerName[] = none,
  ): readonly ContainerName[] {
    if (
      before.length === containers.length &&
      containers.every(({ name }, index) => before[index]?.name === name)
    ) {
      return before;
    }
    if (containers.length > longestSharedList) return containers.map(({ name }) => this.#intern(name));
    const text = containers.map(({ name }) => name).join('/');
    let list = this.#lists.get(text);
    if (list === undefined) {
      if (this.#lists.size >= mostNames) this.#lists.clear();
      list = containers.map(({ name }) => this.#intern(name));
      this.#lists.set(text, list);
    }
    return list;
  }

  #intern(name: string): ContainerName {
    let interned = this.#names.get(name);
    if (interned === undefined) {
      // Those in use stay with their samples; they only stop being shared.
      if (this.#names.size >= mostNames) this.#names.clear();
      interned = new ContainerName(name);
      this.#names.set(name, interned);
    }
    return interned;
  }
}
