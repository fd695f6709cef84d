import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** What is kept of a pod; replaced, never changed, when one of these fields does. */
export interface PodRecord {
  readonly namespace: string;
  readonly name: string;
  /**
   * The UID that the pod's node uses. For a static pod that is the hash of its manifest, which the mirror pod in
   * the API carries as an annotation, not as its own UID.
   */
  readonly nodeUid: string;
  readonly nodeName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly running: boolean;
}

/** The part of a core/v1 Pod that is read. */
export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly phase?: string };
}

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const noLabels: Readonly<Record<string, string>> = {};

/** Bytewise, as Go sorts; JavaScript's `<` compares UTF-16 units, which is the same for Kubernetes names. */
const byName = (a: PodRecord, b: PodRecord): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** The cluster's pods that are not finished, as the watch tells them. */
export class PodIndex implements ReflectorTarget<PodObject> {
  readonly #namespaces = new Map<string, Map<string, PodRecord>>();
  readonly #sorted = new Map<string, readonly PodRecord[]>();
  #sortedNamespaces: readonly string[] | undefined;

  get(namespace: string, name: string): PodRecord | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  /** Namespaces that have pods, sorted. */
  namespaces(): readonly string[] {
    this.#sortedNamespaces ??= [...this.#namespaces.keys()].sort();
    return this.#sortedNamespaces;
  }

  /** The pods of a namespace, sorted by name. */
  inNamespace(namespace: string): readonly PodRecord[] {
    let sorted = this.#sorted.get(namespace);
    if (sorted === undefined) {
      sorted = [...(this.#namespaces.get(namespace)?.values() ?? [])].sort(byName);
      if (sorted.length > 0) this.#sorted.set(namespace, sorted);
    }
    return sorted;
  }

  replace(objects: readonly PodObject[]): void {
    const before = new Map(this.#namespaces);
    this.#namespaces.clear();
    this.#sorted.clear();
    this.#sortedNamespaces = undefined;
    for (const object of objects) {
      const record = recordOf(object);
      this.#put(sameOr(before.get(record.namespace)?.get(record.name), record));
    }
  }

  set(object: PodObject): void {
    const record = recordOf(object);
    const before = this.get(record.namespace, record.name);
    const kept = sameOr(before, record);
    if (kept !== before) this.#put(kept);
  }

  remove(object: PodObject): void {
    const { namespace = '', name } = object.metadata;
    const pods = this.#namespaces.get(namespace);
    if (pods?.delete(name) !== true) return;
    this.#sorted.delete(namespace);
    if (pods.size > 0) return;
    this.#namespaces.delete(namespace);
    this.#sortedNamespaces = undefined;
  }

  #put(record: PodRecord): void {
    let pods = this.#namespaces.get(record.namespace);
    if (pods === undefined) {
      pods = new Map();
      this.#namespaces.set(record.namespace, pods);
      this.#sortedNamespaces = undefined;
    }
    pods.set(record.name, record);
    this.#sorted.delete(record.namespace);
  }
}

function recordOf({ metadata, spec, status }: PodObject): PodRecord {
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    nodeUid: metadata.annotations?.[mirrorAnnotation] ?? metadata.uid ?? '',
    nodeName: spec?.nodeName ?? '',
    labels: metadata.labels ?? noLabels,
    running: status?.phase === 'Running',
  };
}

/** Most events change a status that is not kept: then the old record stays, and with it what was encoded of it. */
function sameOr(before: PodRecord | undefined, after: PodRecord): PodRecord {
  return before !== undefined &&
    before.nodeUid === after.nodeUid &&
    before.nodeName === after.nodeName &&
    before.running === after.running &&
    sameLabels(before.labels, after.labels)
    ? before
    : after;
}

/** Whether two label sets are equal. */
export function sameLabels(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
