import type { Tree } from './settled.ts';

type Node = { readonly [key: string]: Tree };

const methods = new Set(['get', 'put', 'post', 'patch', 'delete', 'options', 'head']);
const isNode = (tree: Tree | undefined): tree is Node =>
  typeof tree === 'object' && tree !== null && !Array.isArray(tree);
const nodeAt = (tree: Tree | undefined, key: string): Node => {
  const inner = isNode(tree) ? tree[key] : undefined;
  return isNode(inner) ? inner : {};
};

/** Whether this is an OpenAPI document, version 2 or 3. */
export function isOpenApi(tree: Tree): tree is Node {
  return isNode(tree) && ('swagger' in tree || 'openapi' in tree) && 'paths' in tree;
}

/**
 * What clients read out of an OpenAPI document: operations with what they act on, parameters and answers, and schemas with
 * their fields. Words, the place where a parameter is written and the order of media types are left out.
 */
export function openApiOutline(document: Node): Tree {
  const schemas = {
    ...nodeAt(document, 'definitions'),
    ...nodeAt(nodeAt(document, 'components'), 'schemas'),
  };
  const shared = {
    ...nodeAt(document, 'parameters'),
    ...nodeAt(nodeAt(document, 'components'), 'parameters'),
  };
  return {
    version: document['swagger'] ?? document['openapi'] ?? null,
    paths: mapped(nodeAt(document, 'paths'), (path) => operations(path, shared)),
    schemas: mapped(schemas, schemaOutline),
  };
}

function operations(path: Tree, shared: Node): Tree {
  if (!isNode(path)) return path;
  const found = Object.entries(path).filter(([method]) => methods.has(method));
  return Object.fromEntries(
    found.map(([method, operation]) => [
      method,
      {
        operationId: nodeOr(operation)['operationId'] ?? null,
        action: nodeOr(operation)['x-kubernetes-action'] ?? null,
        of: sortedKeys(nodeOr(operation)['x-kubernetes-group-version-kind'] ?? null),
        parameters: [...parameterNames(path, shared), ...parameterNames(operation, shared)].toSorted(),
        answers: mapped(nodeAt(operation, 'responses'), answerOutline),
      },
    ]),
  );
}

function parameterNames(holder: Tree, shared: Node): readonly string[] {
  const { parameters = [] } = nodeOr(holder);
  if (!Array.isArray(parameters)) return [];
  return (parameters as readonly Tree[]).map((parameter) => {
    const { $ref = '' } = nodeOr(parameter);
    const { name = '', in: place = '' } = nodeOr(shared[lastPart($ref)] ?? parameter);
    return `${String(name)} in ${String(place)}`;
  });
}

/** Version 2 has a schema, version 3 one for each media type; they are the same one. */
function answerOutline(answer: Tree): Tree {
  const { schema } = nodeOr(answer);
  const contents = Object.values(nodeAt(answer, 'content')).map(
    (content) => nodeOr(content)['schema'] ?? null,
  );
  return [
    ...new Set([schema, ...contents].filter((each) => each !== undefined).map((each) => typeOf(each))),
  ].toSorted();
}

function schemaOutline(schema: Tree): Tree {
  const parts = nodeOr(schema);
  const { required = null } = parts;
  return {
    is: typeOf(schema),
    required: Array.isArray(required) ? (required as readonly Tree[]).map(String).toSorted() : required,
    of: sortedKeys(parts['x-kubernetes-group-version-kind'] ?? null),
    fields: mapped(nodeAt(schema, 'properties'), typeOf),
  };
}

/** Such as `string date-time`, `[ContainerMetrics]`, `{Quantity}`; a reference by the last part of its name. */
function typeOf(schema: Tree): string {
  const parts = nodeOr(schema);
  const { $ref, type, format, items, additionalProperties, allOf, oneOf } = parts;
  if ($ref !== undefined) return lastPart($ref);
  if (Array.isArray(allOf)) return (allOf as readonly Tree[]).map(typeOf).join(' and ');
  if (Array.isArray(oneOf)) return (oneOf as readonly Tree[]).map(typeOf).join(' or ');
  if (items !== undefined) return `[${typeOf(items)}]`;
  if (isNode(additionalProperties)) return `{${typeOf(additionalProperties)}}`;
  return [type, format].filter((each) => each !== undefined).join(' ');
}

function mapped(node: Node, of: (tree: Tree) => Tree): Tree {
  const entries = Object.entries(node).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, of(part)]));
}

function sortedKeys(tree: Tree): Tree {
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map(sortedKeys);
  return isNode(tree) ? mapped(tree, (part) => part) : tree;
}

const nodeOr = (tree: Tree | undefined): Node => (isNode(tree) ? tree : {});
const lastPart = (reference: Tree): string => String(reference).split('/').at(-1) ?? '';
