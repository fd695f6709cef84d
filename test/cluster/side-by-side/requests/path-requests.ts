import type { SharedRequest } from '../exchange.ts';
import { asked, crossed, gets } from './request-table.ts';
import { group, nodesPath, podPath, podsPath, type Targets } from './targets.ts';

const methods = ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD', 'TRACE', 'PROPFIND'];

const strayPaths = [
  ...[
    '/',
    '/index.html',
    '/api',
    '/api/v1',
    '/api/v1/pods',
    '/nope',
    '/apis/',
    '/apis/apps',
    '/apis/apps/v1',
  ],
  ...['', '/', '/v2', '/v1alpha1/pods', '/{version}/', '/{version}/nothing', '/{version}/nothing/at/all'].map(
    (rest) => `${group}${rest}`,
  ),
  ...[
    '//apis',
    '/./apis',
    '/apis/../version',
    '/apis//metrics.k8s.io',
    '/APIS',
    '/apis%2Fmetrics.k8s.io',
    '/%00',
  ],
  ...[
    '/version/',
    '/openapi',
    '/swagger.json',
    '/swaggerapi',
    '/logs',
    '/debug/nodes',
    '/favicon.ico',
    '/metrics/slis',
  ],
];

const strayResources = ({ namespace, pod, node, waitingPod, endedPod }: Targets) =>
  [
    ...[
      'nodes/',
      `nodes/${node}/`,
      `nodes/${node}/status`,
      `nodes/${node}/proxy/x`,
      'pods/',
      `pods/${pod}`,
      'Pods',
    ],
    ...[
      'namespaces',
      'namespaces/',
      `namespaces/${namespace}`,
      `namespaces/${namespace}/`,
      'namespaces//pods',
    ],
    ...[
      `namespaces/${namespace}/pods/`,
      `namespaces/${namespace}/pods/${pod}/`,
      `namespaces/${namespace}/nodes`,
    ],
    ...[
      `namespaces/${namespace}/pods/${pod}/status`,
      `namespaces/${namespace}/services`,
      'watch/pods',
      'podmetrics',
    ],
    ...[
      `watch/namespaces/${namespace}/pods`,
      `watch/namespaces/${namespace}/pods/${pod}`,
      `watch/nodes/${node}`,
    ],
    ...[`namespaces/${namespace}/pods/${waitingPod}`, `namespaces/${namespace}/pods/${endedPod}`],
    ...[
      `namespaces/${namespace}/pods/%77eb-1`,
      `namespaces/${namespace}/pods/a%2Fb`,
      'nodes/%zz',
      'nodes/a%20b',
    ],
    ...[
      'nodes/UPPER',
      'nodes/..',
      'nodes/.',
      'nodes//',
      'pods?',
      'nodes/%3Cb%3E%26',
      'nodes/%C3%BC',
      'nodes/a+b',
    ],
  ].map((rest) => `${group}/{version}/${rest}`);

/** Everything about a path but what it lists: methods, strays, encodings, sizes. */
export function pathRequests(targets: Targets): readonly SharedRequest[] {
  const pods = podsPath(targets);
  const large = `${group}/{version}/namespaces/${targets.largeNamespace}/pods`;
  const known = [
    ...[
      nodesPath,
      `${nodesPath}/${targets.node}`,
      pods,
      podPath(targets),
      `${pods}/not-there`,
      `${group}/{version}`,
    ],
    ...[
      group,
      '/apis',
      '/version',
      '/healthz',
      '/openapi/v2',
      '/openapi/v3',
      `${group}/{version}/nothing`,
      '/nope',
    ],
  ];
  const encodings = [
    'gzip',
    'gzip, deflate, br',
    'deflate',
    'identity',
    'gzip;q=0',
    '*',
    'GZIP',
    'x-gzip',
    'br',
  ];
  const types = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  return [
    ...methods.flatMap((method) => gets(known, { method })),
    ...gets([...strayPaths, ...strayResources(targets)]),
    ...crossed(
      ['/nope', '/', `${group}/{version}/nothing`],
      [...types.map((accept) => ({ accept })), { accept: 'text/html' }, { accept: table }],
    ),
    ...crossed(
      [pods, large],
      encodings.map((encoding) => ({ 'accept-encoding': encoding })),
    ),
    ...crossed(
      [large],
      [...types, table].map((accept) => ({ accept, 'accept-encoding': 'gzip' })),
    ),
    ...auditRequests(pods),
    asked(pods, { headers: { 'content-type': 'application/json', 'if-none-match': '*' } }),
    asked(pods, { headers: { range: 'bytes=0-9' } }),
    asked(pods, { headers: { origin: 'https://example.com' } }),
    asked(pods, { headers: { 'x-large': 'x'.repeat(20_000) } }),
  ];
}

function auditRequests(path: string): readonly SharedRequest[] {
  const ids = [
    '7e0f6bd6-0a8f-4c07-9a8c-1f6d2ae1d6a1',
    'anything',
    '',
    'x'.repeat(100),
    'x'.repeat(300),
    'with space',
  ];
  return [
    ...crossed(
      [path, '/nope'],
      ids.map((id) => ({ 'audit-id': id })),
    ),
    asked(path, { headers: { 'audit-id': ['first', 'second'] } }),
  ];
}
