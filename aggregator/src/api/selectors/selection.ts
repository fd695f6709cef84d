import type { Listed } from '../lists/list-pieces.ts';
import type { Run, UsageReader } from '../measured/entries.ts';
import type { Entry } from '../measured/entry.ts';
import type { ItemsRoute } from '../protocol/route-path.ts';
import { type FieldSelector, matchesFields } from './field-selector.ts';
import { type LabelSelector, matchesLabels, neededKeys } from './label-selector.ts';
import type { ListOptions } from './list-options.ts';

/** Label sets that are looked at before others have their turn. */
const pauseAfter = 5_000;
/** More than these are not put into order: then the whole cluster, which is in order, is gone through. */
const mostSorted = 5_000;

/** Where to look for what was asked for, and what of it is meant. */
export function select(
  reader: UsageReader,
  { resource, namespace }: Pick<ItemsRoute, 'resource' | 'namespace'>,
  { labelSelector, fieldSelector }: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Pick<Listed, 'runs' | 'chosen'> {
  const chosen = choice(labelSelector, fieldSelector);
  if (resource.name === 'nodes') return { runs: reader.nodes(), chosen };
  const within = namespace ?? onlyNamespace(fieldSelector);
  if (within !== undefined || labelSelector.length === 0) return { runs: reader.pods(within), chosen };
  // The labels are asked again, of the few that were found: in the pauses some get others.
  return { runs: labelled(reader, labelSelector), chosen };
}

/** Whether an entry is selected. */
export function choice(labels: LabelSelector, fields: FieldSelector): (entry: Entry) => boolean {
  if (labels.length === 0 && fields.length === 0) return () => true;
  return (entry) =>
    matchesFields(fields, entry.name, entry.namespace) && matchesLabels(labels, entry.labels.labels);
}

function onlyNamespace(selector: FieldSelector): string | undefined {
  const only = selector.find(({ field, operator }) => field === 'metadata.namespace' && operator === '=');
  return only?.value;
}

/** The pods of the whole cluster with such labels: each set of labels is asked once, however many pods have it. */
function* labelled(reader: UsageReader, selector: LabelSelector): Generator<Run | undefined> {
  const found = new Set<Entry>();
  let looked = 0;
  for (const [set, entries] of reader.podsByLabels(neededKeys(selector))) {
    looked += 1;
    if (looked % pauseAfter === 0) yield undefined;
    if (!matchesLabels(selector, set.labels)) continue;
    for (const entry of entries) found.add(entry);
    if (found.size > mostSorted) break;
  }
  if (found.size <= mostSorted) {
    yield [...found].sort(byNamespaceAndName);
    return;
  }
  for (const run of reader.pods(undefined)) {
    for (let start = 0; start < run.length; start += mostSorted) {
      yield run.slice(start, start + mostSorted);
      yield undefined;
    }
  }
}

/** Bytewise, as Go sorts; JavaScript's `<` compares UTF-16 units, which is the same for Kubernetes names. */
export function byNamespaceAndName(a: Entry, b: Entry): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name < b.name ? -1 : Number(a.name > b.name);
}
