import { sortedByName } from './openapi-schema.ts';

/** A parameter object of OpenAPI v3. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly description: string;
  readonly required?: true;
  readonly schema: { readonly type: string; readonly uniqueItems: true };
}

export const nameParameter: Parameter = inPath('name', 'Name of the node or pod.');
export const namespaceParameter: Parameter = inPath('namespace', 'Namespace of the pods.');
export const prettyParameter: Parameter = inQuery(
  'pretty',
  'string',
  'Whether JSON is indented. If absent, it is for browsers, curl and wget.',
);

const listParameters = [
  inQuery('continue', 'string', 'Token of the next page. Of no effect here: a list is whole.'),
  inQuery('fieldSelector', 'string', 'Only objects whose metadata.name and metadata.namespace are these.'),
  inQuery('labelSelector', 'string', 'Only objects whose labels are these.'),
  inQuery('limit', 'integer', 'Size of a page. Of no effect here: a list is whole.'),
  prettyParameter,
  inQuery('resourceVersion', 'string', 'How fresh the list must be. It is always the latest.'),
  inQuery('resourceVersionMatch', 'string', 'How resourceVersion is meant.'),
  inQuery('timeoutSeconds', 'integer', 'Longest time for the request.'),
];

const watchParameters = [
  inQuery('allowWatchBookmarks', 'boolean', 'Whether the watch may send bookmarks.'),
  inQuery('sendInitialEvents', 'boolean', 'Whether the watch starts with what there is.'),
  inQuery('watch', 'boolean', 'Changes as they come, instead of a list.'),
];

/** What a list takes, by name. `watch`: it can be watched. */
export function parametersOfList(watch: boolean, namespaced: boolean): readonly Parameter[] {
  const all = [
    ...listParameters,
    ...(watch ? watchParameters : []),
    ...(namespaced ? [namespaceParameter] : []),
  ];
  return Object.values(sortedByName(Object.fromEntries(all.map((parameter) => [parameter.name, parameter]))));
}

function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', description, required: true, schema: { type: 'string', uniqueItems: true } };
}

function inQuery(name: string, type: string, description: string): Parameter {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}
