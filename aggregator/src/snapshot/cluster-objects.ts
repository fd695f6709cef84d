import type { KubeObject, ReflectorTarget } from '../kube/reflector.ts';
import { mirrorAnnotation } from '../kube/watched-parts.ts';
import { HeldEntry } from './held-entry.ts';
import { LabelSets } from './label-sets.ts';
import { SortedRuns } from './sorted-runs.ts';

/** The part of a core/v1 Node or Pod that is read. */
export interface NodeOrPod extends KubeObject {
  readonly spec?: { readonly nodeName?: string; readonly containers?: readonly unknown[] };
  readonly status?: { readonly phase?: string };
}

/** What is told of the entries. */
export interface ObjectsListener {
  /** The entry's labels, place or phase are about to change; it may be new. */
  readonly changing: (entry: HeldEntry) => void;
  readonly changed: (entry: HeldEntry) => void;
  readonly gone: (entry: HeldEntry) => void;
}

const noLabels: Readonly<Record<string, string>> = {};

/** The cluster's nodes, or its pods that are not finished, as the watch tells them. */
export class ClusterObjects implements ReflectorTarget<NodeOrPod> {
  readonly #resource: 'nodes' | 'pods';
  readonly #listener: ObjectsListener;
  readonly #runs = new SortedRuns();
  /** Pods by their own UID. Mirror pods are not here: anybody may write the annotation that says theirs. */
  readonly #byUid = new Map<string, HeldEntry>();
  readonly labels = new LabelSets();

  constructor(resource: 'nodes' | 'pods', listener: ObjectsListener) {
    this.#resource = resource;
    this.#listener = listener;
  }

  get(namespace: string, name: string): HeldEntry | undefined {
    return this.#runs.get(namespace, name);
  }

  /** The pod of this UID; none that is the mirror of a static pod. */
  withUid(uid: string): HeldEntry | undefined {
    return this.#byUid.get(uid);
  }

  runs(): readonly (readonly HeldEntry[])[] {
    return this.#runs.runs();
  }

  run(namespace: string): readonly HeldEntry[] {
    return this.#runs.run(namespace);
  }

  replace(objects: readonly NodeOrPod[]): void {
    const listed = new Set(objects.map(({ metadata }) => keyOf(metadata)));
    for (const entry of [...this.#runs.all()]) if (!listed.has(keyOf(entry))) this.#remove(entry, false);
    for (const object of objects) this.#set(object, false);
  }

  set(object: NodeOrPod): void {
    this.#set(object, true);
  }

  remove({ metadata }: NodeOrPod): void {
    const entry = this.#runs.get(metadata.namespace ?? '', metadata.name);
    if (entry !== undefined) this.#remove(entry, true);
  }

  #set({ metadata, spec, status }: NodeOrPod, sorted: boolean): void {
    const { namespace = '', name } = metadata;
    const isPod = this.#resource === 'pods';
    const nodeUid = isPod ? (metadata.annotations?.[mirrorAnnotation] ?? metadata.uid ?? '') : '';
    const nodeName = spec?.nodeName ?? '';
    const running = !isPod || status?.phase === 'Running';
    let entry = this.#runs.get(namespace, name);
    // Another pod by the same name.
    if (entry !== undefined && entry.nodeUid !== nodeUid) {
      this.#remove(entry, sorted);
      entry = undefined;
    }
    // Not before: with its last entry a set of labels is forgotten.
    const labels = this.labels.intern(metadata.labels ?? noLabels);
    const isNew = entry === undefined;
    entry ??= new HeldEntry(this.#resource, namespace, name, labels, spec?.containers?.length);
    // Most events change a status that is not kept.
    if (!isNew && entry.labels === labels && entry.nodeName === nodeName && entry.running === running) return;
    if (!isNew) this.#listener.changing(entry);
    const before = entry.labels;
    entry.labels = labels;
    entry.nodeName = nodeName;
    entry.running = running;
    entry.nodeUid = nodeUid;
    this.labels.add(entry);
    if (before !== labels) this.labels.delete(entry, before);
    if (isNew) this.#runs.add(entry, sorted);
    if (isNew && isPod && metadata.annotations?.[mirrorAnnotation] === undefined)
      this.#byUid.set(nodeUid, entry);
    this.#listener.changed(entry);
  }

  #remove(entry: HeldEntry, sorted: boolean): void {
    this.#runs.delete(entry, sorted);
    if (this.#byUid.get(entry.nodeUid) === entry) this.#byUid.delete(entry.nodeUid);
    this.labels.delete(entry, entry.labels);
    this.#listener.gone(entry);
    // Whoever still knows it is not to take it for a pod of its node.
    entry.nodeName = '';
  }
}

function keyOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
