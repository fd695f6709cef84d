import type { Run, UsageReader } from '../measured/entries.ts';
import type { Entry } from '../measured/entry.ts';
import type { LabelSet } from '../measured/label-set.ts';
import type { ItemsRoute } from '../protocol/route-path.ts';
import { type FieldSelector, matchesFields } from '../selectors/field-selector.ts';
import { type LabelSelector, matchesLabels } from '../selectors/label-selector.ts';
import type { ListOptions } from '../selectors/list-options.ts';

/** What a watch is of. Asked for every change of the cluster, so each part is remembered or compared at once. */
export class WatchSelection {
  readonly #resource: 'nodes' | 'pods';
  readonly #namespace: string | undefined;
  readonly #name: string | undefined;
  readonly #fields: FieldSelector;
  readonly #labels: LabelSelector;
  readonly #matching = new WeakMap<LabelSet, boolean>();

  constructor(
    { resource, namespace }: Pick<ItemsRoute, 'resource' | 'namespace'>,
    { labelSelector, fieldSelector }: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
  ) {
    this.#resource = resource.name;
    this.#namespace =
      resource.name === 'pods' ? (namespace ?? onlyOf(fieldSelector, 'metadata.namespace')) : undefined;
    this.#name = onlyOf(fieldSelector, 'metadata.name');
    this.#fields = fieldSelector;
    this.#labels = labelSelector;
  }

  /** Whether it may be of the entry, whatever its labels. */
  covers(entry: Entry): boolean {
    if (entry.resource !== this.#resource) return false;
    if (this.#name !== undefined && entry.name !== this.#name) return false;
    if (this.#namespace !== undefined && entry.namespace !== this.#namespace) return false;
    return this.#fields.length === 0 || matchesFields(this.#fields, entry.name, entry.namespace);
  }

  /** Whether labels are selected; those of an entry that is not served never are. */
  matches(labels: LabelSet | undefined): boolean {
    if (labels === undefined) return false;
    if (this.#labels.length === 0) return true;
    let matching = this.#matching.get(labels);
    if (matching === undefined) {
      matching = matchesLabels(this.#labels, labels.labels);
      this.#matching.set(labels, matching);
    }
    return matching;
  }

  /** Where the entries of it are, among others. */
  runs(reader: Pick<UsageReader, 'nodes' | 'pods'>): readonly Run[] {
    return this.#resource === 'nodes' ? reader.nodes() : reader.pods(this.#namespace);
  }
}

function onlyOf(selector: FieldSelector, field: string): string | undefined {
  return selector.find((term) => term.field === field && term.operator === '=')?.value;
}
