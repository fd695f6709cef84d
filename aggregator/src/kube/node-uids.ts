import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** The UID that each node has now, by name. */
export class NodeUids implements ReflectorTarget<KubeObject> {
  readonly #uids = new Map<string, string>();

  /** Undefined for a node that the watch does not know. */
  find(name: string): string | undefined {
    return this.#uids.get(name);
  }

  replace(objects: readonly KubeObject[]): void {
    this.#uids.clear();
    for (const object of objects) this.set(object);
  }

  set({ metadata: { name, uid } }: KubeObject): void {
    if (uid !== undefined) this.#uids.set(name, uid);
  }

  remove({ metadata: { name } }: KubeObject): void {
    this.#uids.delete(name);
  }
}
