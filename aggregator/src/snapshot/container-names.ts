import { ContainerName } from '../api/entry.ts';

const none: readonly ContainerName[] = [];
/** Names come from agents: one that lies must not fill the memory. */
const mostNames = 10_000;

/** Keeps equal container names as one object. */
export class ContainerNames {
  readonly #names = new Map<string, ContainerName>();

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
    return containers.map(({ name }) => this.#intern(name));
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
