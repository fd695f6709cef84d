import type { Listed } from '../lists/list-pieces.ts';
import type { Run, UsageReader } from '../measured/entries.ts';
import type { Entry } from '../measured/entry.ts';
import type { ItemsRoute } from '../protocol/route-path.ts';
import { type FieldSelector, matchesFields } from './field-selector.ts';
import { type LabelSelector, matchesLabels, neededKeys } from './label-selector.ts';
import type { ListOptions } from './list-options.ts';

/** Conditions that are looked at before others have their turn: a millisecond or two. */
const mostConditions = 40_000;
/** Label sets or entries, whatever little is asked of each. */
const mostAtOnce = 5_000;
/** So many values are compared with in the time of one condition. */
const valuesPerCondition = 16;
/** More than these are not put into order: then the whole cluster, which is in order, is gone through. */
const mostSorted = 5_000;

/** Where to look for what was asked for, and what of it is meant. */
export function select(
  reader: UsageReader,
  { resource, namespace }: Pick<ItemsRoute, 'resource' | 'namespace'>,
  { labelSelector, fieldSelector }: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
): Pick<Listed, 'runs' | 'chosen'> {
  const chosen = choice(labelSelector, fieldSelector);
  if (resource.name === 'nodes') {
    return { runs: unhurried(reader.nodes(), labelSelector, fieldSelector), chosen };
  }
  const within = namespace ?? onlyNamespace(fieldSelector);
  const isSearched = within === undefined && labelSelector.length > 0;
  // The labels are asked again, of the few that were found: in the pauses some get others.
  const runs = isSearched ? again(() => labelled(reader, labelSelector)) : reader.pods(within);
  return { runs: unhurried(runs, labelSelector, fieldSelector), chosen };
}

/** The same, in runs that end before the conditions on their entries have kept others waiting. */
function unhurried(
  runs: Iterable<Run | undefined>,
  labels: LabelSelector,
  fields: FieldSelector,
): Iterable<Run | undefined> {
  const most = atOnce(labels, fields);
  return most === mostAtOnce ? runs : again(() => cut(runs, most));
}

/** A Table goes through its entries twice. */
function again(runs: () => Iterator<Run | undefined>): Iterable<Run | undefined> {
  return { [Symbol.iterator]: runs };
}

function* cut(runs: Iterable<Run | undefined>, most: number): Generator<Run | undefined> {
  for (const run of runs) {
    for (let start = 0; start < (run?.length ?? 0); start += most) {
      yield run?.slice(start, start + most);
      yield undefined;
    }
    if (run === undefined) yield undefined;
  }
}

/** How many label sets or entries are looked at before others have their turn: a selector may have thousands of terms. */
function atOnce(labels: LabelSelector, fields: FieldSelector): number {
  let conditions = fields.length;
  for (const { values } of labels) conditions += 1 + values.length / valuesPerCondition;
  return Math.max(1, Math.min(mostAtOnce, Math.floor(mostConditions / Math.max(conditions, 1))));
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
  const pauseAfter = atOnce(selector, []);
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
