import {
  described,
  flag,
  int64,
  list,
  map,
  metaPackage,
  object,
  quantityName,
  reference,
  type Schema,
  type Schemas,
  text,
  typeMeta,
} from './openapi-schema.ts';

const string: Schema = { type: 'string' };
const time = `${metaPackage}.Time`;

/**
 * Schemas of Kubernetes' own types that the API uses (apimachinery meta/v1, api/resource).
 *
 * None carries `x-kubernetes-group-version-kind`: kube-apiserver describes these kinds already, and clients that index
 * by kind stumble over a second one.
 */
export const metaSchemas: Schemas = {
  [quantityName]: {
    description:
      'A number with a suffix: n, u, m for parts, k, M, G, T, P, E for powers of 1000, Ki to Ei for powers of 1024. ' +
      '250m of cpu is a quarter of a core, 3Gi of memory is 3221225472 bytes.',
    oneOf: [{ type: 'string' }, { type: 'number' }],
  },
  [time]: { description: 'An instant as RFC 3339 has it, UTC.', type: 'string', format: 'date-time' },
  [`${metaPackage}.Duration`]: {
    description: 'A time span as Go writes it, such as 9.98s or 1m0s.',
    type: 'string',
  },
  [`${metaPackage}.FieldsV1`]: {
    description: 'A set of fields, as a tree of their names.',
    type: 'object',
  },
  [`${metaPackage}.ListMeta`]: object('What a list says of itself.', [], {
    continue: text('Token for the next page. Always empty here: a list is whole.'),
    remainingItemCount: int64('Number of items on later pages.'),
    resourceVersion: text('Version of the list, opaque to clients.'),
    selfLink: text('No longer set by Kubernetes.'),
  }),
  [`${metaPackage}.ObjectMeta`]: object(
    'What an object says of itself. Metrics have a name, a namespace if they are of a pod, labels and a creationTimestamp.',
    [],
    {
      annotations: map('Unstructured notes of tools. Metrics have none.', string),
      creationTimestamp: described('When these metrics came to be.', time),
      deletionGracePeriodSeconds: int64('Seconds left for an orderly end.'),
      deletionTimestamp: described('When the object is to be gone.', time),
      finalizers: list('Who must agree before the object goes.', string, 'set'),
      generateName: text('Prefix from which the server makes a name.'),
      generation: int64('Number of the desired state.'),
      labels: map('Labels of the node or pod that these metrics are of; label selectors go by them.', string),
      managedFields: list('Who has set which fields.', reference(`${metaPackage}.ManagedFieldsEntry`)),
      name: text('Name of the node or pod that these metrics are of.'),
      namespace: text('Namespace of the pod; absent for a node.'),
      ownerReferences: {
        ...list('Objects that this one belongs to.', reference(`${metaPackage}.OwnerReference`), 'map'),
        'x-kubernetes-list-map-keys': ['uid'],
      },
      resourceVersion: text('Version of the object, opaque to clients.'),
      selfLink: text('No longer set by Kubernetes.'),
      uid: text('Unique number of the object. Metrics have none.'),
    },
  ),
  [`${metaPackage}.OwnerReference`]: {
    ...object('Points to an owner in the same namespace.', ['apiVersion', 'kind', 'name', 'uid'], {
      apiVersion: text('Group and version of the owner.'),
      blockOwnerDeletion: flag('Whether the owner waits for this object to go first.'),
      controller: flag('Whether the owner manages this object.'),
      kind: text('Kind of the owner.'),
      name: text('Name of the owner.'),
      uid: text('Unique number of the owner.'),
    }),
    'x-kubernetes-map-type': 'atomic',
  },
  [`${metaPackage}.ManagedFieldsEntry`]: object('Fields that one party has set.', [], {
    apiVersion: text('Version in which the fields were set.'),
    fieldsType: text('Format of fieldsV1.'),
    fieldsV1: described('The fields.', `${metaPackage}.FieldsV1`),
    manager: text('Who has set them.'),
    operation: text('Apply or Update.'),
    subresource: text('Subresource through which they were set.'),
    time: described('When they were set last.', time),
  }),
  [`${metaPackage}.APIResource`]: object(
    'A resource of a group version.',
    ['name', 'singularName', 'namespaced', 'kind', 'verbs'],
    {
      categories: list('Groups of resources that it belongs to.', string),
      group: text('Group of its objects, where it is another than that of the list.'),
      kind: text('Kind of its objects.'),
      name: text('Its name in the plural, as in paths.'),
      namespaced: flag('Whether its objects lie in namespaces.'),
      shortNames: list('Abbreviations.', string),
      singularName: text('Its name in the singular; empty: derived from the kind.'),
      storageVersionHash: text('Tells one stored version from another.'),
      verbs: { description: 'What can be done with it.', type: 'array', items: string },
      version: text('Version of its objects, where it is another than that of the list.'),
    },
  ),
  [`${metaPackage}.APIResourceList`]: object(
    'The resources of a group version.',
    ['groupVersion', 'resources'],
    {
      ...typeMeta,
      groupVersion: text('The group and version.'),
      resources: list('Its resources.', reference(`${metaPackage}.APIResource`)),
    },
  ),
};
