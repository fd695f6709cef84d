import type { SharedRequest } from '../exchange.ts';
import { crossed, gets } from './request-table.ts';
import { group, type Targets } from './targets.ts';

const transformed = (type: string, as: string, version = 'v1') =>
  `${type};as=${as};v=${version};g=meta.k8s.io`;
const json = 'application/json';
const yaml = 'application/yaml';
const protobuf = 'application/vnd.kubernetes.protobuf';
const discovery = 'apidiscovery.k8s.io';

/** What well-known clients send. */
const usualAccepts = [
  '*/*',
  json,
  yaml,
  protobuf,
  `${protobuf}, */*`,
  `${protobuf},${json}`,
  `${json}, */*`,
  `${transformed(json, 'Table')},${transformed(json, 'Table', 'v1beta1')},${json}`,
  transformed(json, 'PartialObjectMetadata'),
  transformed(json, 'PartialObjectMetadataList'),
  `${transformed(protobuf, 'PartialObjectMetadataList')},${transformed(json, 'PartialObjectMetadataList')},${json}`,
];

/** What nobody should. */
const unusualAccepts = [
  '',
  ...[
    'application/*',
    'text/html',
    'text/html,*/*;q=0.1',
    'application/cbor',
    'application',
    'nonsense',
    ',',
  ],
  ...[`${json};q=0.5,${yaml}`, `${json};q=0.9,application/cbor;q=1`, `${yaml};q=0`, '*/*;q=0', `${json};q=x`],
  ...['APPLICATION/JSON', ` ${json} `, `${json},,`, `${json};`, `${json};pretty=1`, `${json};charset=utf-8`],
  ...[
    `${json};profile=x`,
    `${json};stream=watch`,
    `${json};sv=x`,
    `${json};sv=`,
    'application/apply-patch+yaml',
  ],
  ...[`application/*;q=0.5,${json};q=0.1`, `*/*,${yaml}`, `${yaml},*/*`, 'text/plain,application/*'],
  transformed(json, 'Table'),
  transformed(json, 'Table', 'v1beta1'),
  transformed(json, 'Table', 'v2'),
  transformed(yaml, 'Table'),
  transformed(protobuf, 'Table'),
  `${transformed(protobuf, 'Table')},${json}`,
  transformed(json, 'PartialObjectMetadataList', 'v1beta1'),
  transformed(json, 'PartialObjectMetadata', 'v1beta1'),
  transformed(yaml, 'PartialObjectMetadataList'),
  transformed(yaml, 'PartialObjectMetadata'),
  transformed(protobuf, 'PartialObjectMetadata'),
  transformed(json, 'Status'),
  `${json};as=Table`,
  `${json};as=Table;v=v1`,
  `${json};g=${discovery};v=v2;as=APIGroupDiscoveryList`,
  `${json};v=v1;g=meta.k8s.io`,
];

const accepting = (accepts: readonly string[]) => accepts.map((accept) => ({ accept }));

/** Lists and single objects, there and not, in every encoding that can be asked for. */
export function readRequests({ namespace, pod, node, emptyNamespace }: Targets): readonly SharedRequest[] {
  const resources = [
    'nodes',
    `nodes/${node}`,
    'pods',
    `namespaces/${namespace}/pods`,
    `namespaces/${namespace}/pods/${pod}`,
    `namespaces/${emptyNamespace}/pods`,
    `namespaces/${namespace}/pods/not-there`,
    'nodes/not-there',
  ].map((rest) => `${group}/{version}/${rest}`);
  const [nodes = '', oneNode = '', , podsOfNamespace = '', onePod = '', none = '', noPod = ''] = resources;
  const encoded = [nodes, oneNode, podsOfNamespace, onePod, none, noPod];
  return [
    ...gets(resources),
    ...crossed(resources, accepting(usualAccepts)),
    ...crossed(encoded, accepting(unusualAccepts)),
    ...crossed(resources, accepting(usualAccepts), { tachoVersion: 'v1' }),
    ...crossed(
      [nodes, onePod, none].flatMap((path) =>
        ['Object', 'Metadata', 'None', '', 'Bogus', 'object'].map(
          (include) => `${path}?includeObject=${include}`,
        ),
      ),
      accepting([transformed(json, 'Table'), transformed(json, 'Table', 'v1beta1'), json]),
    ),
  ];
}
