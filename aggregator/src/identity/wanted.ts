import { parseFieldSelector } from '../api/selectors/field-selector.ts';
import { parseLabelSelector } from '../api/selectors/label-selector.ts';
import { isWatch } from '../api/selectors/list-options.ts';
import { trimmed } from '../api/text/trimmed.ts';
import {
  longestReviewedSelector,
  type SelectorAttributes,
  selectorAttributes,
} from './selector-attributes.ts';

/** A resource in the words of a SubjectAccessReview; what is empty is left out, but verb, group, version and resource. */
export interface ResourceAttributes extends SelectorAttributes {
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** What a request wants, in the words of a SubjectAccessReview. */
export type Wanted =
  | { readonly resourceAttributes: ResourceAttributes }
  | { readonly nonResourceAttributes: { readonly path: string; readonly verb: string } };

const verbs: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const verbsInPath: readonly (string | undefined)[] = ['proxy', 'watch'];
const namespaceSubresources: readonly (string | undefined)[] = ['status', 'finalize'];

/** The path as it is authorized and routed: decoded once. Broken percent-encoding stays as it is. */
export function decodedPath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/**
 * What a request wants, as Kubernetes' RequestInfo reads it: a resource below /apis/<group>/<version> or /api/<version>,
 * otherwise a plain path.
 * @param path decoded
 */
export function wantedBy(method: string, path: string, query: URLSearchParams): Wanted {
  const [prefix, ...below] = trimmed(path, '/').split('/');
  const isGrouped = prefix === 'apis';
  if ((!isGrouped && prefix !== 'api') || below.length < (isGrouped ? 3 : 2)) {
    return { nonResourceAttributes: { path, verb: method.toLowerCase() } };
  }
  const [group = '', version = '', ...rest] = isGrouped ? below : ['', ...below];
  const verbInPath = verbsInPath.includes(rest[0]) && rest.length > 1 ? rest.shift() : undefined;
  let parts = rest;
  let namespace = '';
  if (rest[0] === 'namespaces' && rest.length > 1) {
    namespace = rest[1] ?? '';
    if (rest.length > 2 && !namespaceSubresources.includes(rest[2])) parts = rest.slice(2);
  }
  const [resource = '', named = '', third = ''] = parts;
  let verb = verbInPath ?? verbs[method] ?? '';
  let name = named;
  if (name === '' && verb === 'get') {
    verb = isWatch(query) ? 'watch' : 'list';
    name = selectedName(query);
  }
  if (name === '' && verb === 'delete') verb = 'deletecollection';
  const subresource = verb === 'proxy' ? '' : third;
  return {
    resourceAttributes: {
      ...{ verb, group, version, resource },
      ...(namespace === '' ? {} : { namespace }),
      ...(name === '' ? {} : { name }),
      ...(subresource === '' ? {} : { subresource }),
      ...(verbInPath === undefined ? selectorAttributes(verb, query) : {}),
    },
  };
}

/** A list of one name is authorized as that name, where all its options can be read. */
function selectedName(query: URLSearchParams): string {
  const fieldSelector = query.get('fieldSelector') ?? '';
  const labelSelector = query.get('labelSelector') ?? '';
  if (
    fieldSelector === '' ||
    Math.max(fieldSelector.length, labelSelector.length) > longestReviewedSelector
  ) {
    return '';
  }
  try {
    const selector = parseFieldSelector(fieldSelector);
    if (labelSelector !== '') parseLabelSelector(labelSelector);
    const isInteger = (option: string) => /^[+-]?\d{1,18}$/.test(query.get(option) ?? '0');
    if (!isInteger('limit') || !isInteger('timeoutSeconds')) return '';
    const name = selector.find(({ field, operator }) => field === 'metadata.name' && operator === '=')?.value;
    return name !== undefined && /^(?!\.{1,2}$)[^/%]+$/.test(name) ? name : '';
  } catch {
    // The API will say what is wrong with it.
    return '';
  }
}
