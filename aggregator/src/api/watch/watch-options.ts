import type { MetricsResource } from '../protocol/metrics-group.ts';
import { invalidResourceVersion } from '../protocol/status.ts';
import { goQuote } from '../text/go-quote.ts';

/** Where a watch begins: with all that is there, with the next change, or after a resourceVersion. */
export type WatchStart = 'everything' | 'now' | { readonly afterRevision: number };

/** The part of meta/v1 ListOptions that is of consequence for a watch alone. */
export interface WatchOptions {
  readonly start: WatchStart;
  /** Whether the client understands BOOKMARK events. */
  readonly bookmarks: boolean;
  /** Undefined: the server chooses. Zero or less: the watch ends at once. */
  readonly timeoutMs: number | undefined;
}

/**
 * As apiserver with its WatchList feature. A query whose numbers and combinations have been checked.
 * @throws StatusError 422 for a resourceVersion that is no number.
 */
export function parseWatchOptions(query: URLSearchParams, resource: MetricsResource): WatchOptions {
  const timeoutSeconds = Number(query.get('timeoutSeconds') ?? 0);
  return {
    start: startOf(query, resource),
    bookmarks: isTrue(query.get('allowWatchBookmarks')) ?? false,
    timeoutMs: timeoutSeconds === 0 ? undefined : timeoutSeconds * 1000,
  };
}

function startOf(query: URLSearchParams, resource: MetricsResource): WatchStart {
  const initial = isTrue(query.get('sendInitialEvents'));
  const text = query.get('resourceVersion') ?? '';
  if (text === '' || text === '0') return initial === false ? 'now' : 'everything';
  const afterRevision = parseRevision(text, resource);
  return initial === true ? 'everything' : { afterRevision };
}

/** A uint64; beyond what a number holds exactly lies only the future. */
function parseRevision(text: string, resource: MetricsResource): number {
  const fault = (reason: string) =>
    invalidResourceVersion(resource, text, `strconv.ParseUint: parsing ${goQuote(text)}: ${reason}`);
  if (!/^\d+$/.test(text)) throw fault('invalid syntax');
  const value = BigInt(text);
  if (BigInt.asUintN(64, value) !== value) throw fault('value out of range');
  return Number(value);
}

/** As Kubernetes reads a flag of a query: all that is neither absent nor a plain no. */
function isTrue(text: string | null): boolean | undefined {
  return text === null ? undefined : text !== '0' && text.toLowerCase() !== 'false';
}
