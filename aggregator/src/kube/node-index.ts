import { sameLabels } from './pod-index.ts';
import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** What is kept of a node; replaced, never changed, when one of these fields does. */
export interface NodeRecord {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The cluster's nodes, as the watch tells them. */
export class NodeIndex implements ReflectorTarget<KubeObject> {
  readonly #nodes = new Map<string, NodeRecord>();
  #sorted: readonly NodeRecord[] | undefined;

  get(name: string): NodeRecord | undefined {
    return this.#nodes.get(name);
  }

  /** All nodes, sorted by name. */
  all(): readonly NodeRecord[] {
    this.#sorted ??= [...this.#nodes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    return this.#sorted;
  }

  replace(objects: readonly KubeObject[]): void {
    const listed = new Set(objects.map((object) => object.metadata.name));
    for (const name of this.#nodes.keys()) if (!listed.has(name)) this.#nodes.delete(name);
    this.#sorted = undefined;
    for (const object of objects) this.set(object);
  }

  set({ metadata }: KubeObject): void {
    const labels = metadata.labels ?? {};
    const before = this.#nodes.get(metadata.name);
    if (before !== undefined && sameLabels(before.labels, labels)) return;
    this.#nodes.set(metadata.name, { name: metadata.name, labels });
    this.#sorted = undefined;
  }

  remove({ metadata }: KubeObject): void {
    if (this.#nodes.delete(metadata.name)) this.#sorted = undefined;
  }
}
