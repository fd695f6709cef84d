import type { SharedRequest } from '../exchange.ts';
import { asked, crossed, withParameter, withQueries } from './request-table.ts';
import { nodesPath, podPath, podsPath, type Targets } from './targets.ts';

const labelSelectors = [
  ...[
    '',
    ' ',
    'app',
    '!app',
    'app=web',
    'app==web',
    'app!=web',
    'app = web',
    'app in (web)',
    'app in(web,pair)',
  ],
  ...[
    'app notin (web)',
    'app in ()',
    'app in (,)',
    'app in (web,)',
    'app=',
    'app=web,tier=front',
    'app,!tier',
  ],
  ...[
    'example.com/track=stable',
    'weight>3',
    'weight<3',
    'weight>x',
    'app>1',
    'absent>1',
    'in in (in)',
    'notin',
  ],
  ...[
    'a b',
    '!',
    'a,',
    ',',
    'a=b=c',
    'app in web',
    'app in (web',
    '=web',
    'a!b',
    '(',
    '"',
    'app=web;tier=front',
  ],
  ...[
    '-app',
    'app-',
    'a/b/c',
    '/b',
    'b/',
    'UPPER/x',
    `${'x'.repeat(64)}`,
    `app=${'x'.repeat(64)}`,
    'app=-x',
    'app=ü',
  ],
  ...[
    'app=web\n,tier',
    'app=<b>&',
    'x>9223372036854775808',
    'weight>-1',
    '!app=web',
    'app=!web',
    'app notin web',
  ],
];

const fieldSelectors = (pod: string, namespace: string) => [
  ...[
    '',
    ' ',
    `metadata.name=${pod}`,
    `metadata.name==${pod}`,
    `metadata.name!=${pod}`,
    'metadata.name=not-there',
  ],
  ...[`metadata.namespace=${namespace}`, 'metadata.namespace=other', `metadata.namespace!=${namespace}`],
  ...[
    `metadata.name=${pod},metadata.namespace=${namespace}`,
    `metadata.name=${pod},metadata.name=x`,
    ',',
    'a,,b',
  ],
  ...[
    'bogus',
    'spec.nodeName=x',
    'status.phase=Running',
    'metadata.name',
    'metadata.name=a=b',
    'metadata.name=a\\,b',
  ],
  ...[
    'metadata.name=a\\',
    'metadata.name= x',
    ' metadata.name=x',
    'metadata.name=',
    'metadata.uid=1',
    '=',
    '!=x',
  ],
];

const options = [
  ...[
    'limit=1',
    'limit=0',
    'limit=-1',
    'limit=abc',
    'limit=',
    'limit=1&limit=x',
    'limit=9223372036854775808',
  ],
  ...['limit=1.5', 'limit=%201', 'continue=abc', 'continue=', 'limit=1&continue=abc', 'resourceVersion=0'],
  ...[
    'resourceVersion=5',
    'resourceVersion=abc',
    'resourceVersionMatch=Exact',
    'resourceVersionMatch=NotOlderThan',
  ],
  ...['resourceVersion=0&resourceVersionMatch=Exact', 'resourceVersion=5&resourceVersionMatch=Exact'],
  ...['resourceVersion=0&resourceVersionMatch=NotOlderThan', 'resourceVersion=0&resourceVersionMatch=Bogus'],
  ...['resourceVersion=5&resourceVersionMatch=NotOlderThan&continue=abc', 'allowWatchBookmarks=true'],
  ...[
    'allowWatchBookmarks=foo',
    'timeoutSeconds=1',
    'timeoutSeconds=abc',
    'timeoutSeconds=-1',
    'timeoutSeconds=',
  ],
  ...[
    'timeout=30s',
    'timeout=abc',
    'timeout=',
    'timeout=5',
    'timeout=-1s',
    'timeout=1h',
    'timeout=0',
    'timeout=0s',
  ],
  ...['watch=false', 'watch=0', 'watch=', 'unknown=1', 'watch=false&watch=true', 'exact=true', 'export=true'],
  ...[
    'sendInitialEvents=true',
    'sendInitialEvents=false',
    'sendInitialEvents=foo',
    'shardSelector=x',
    'dryRun=All',
  ],
  ...[
    '%',
    'labelSelector=%zz',
    'a=b;c=d',
    'labelSelector=app%3Dweb;x',
    'fieldSelector=bogus&labelSelector=a%20b',
  ],
  ...['labelSelector=app%3Dweb&fieldSelector=metadata.name%3Dweb-1', 'labelSelector=a+b', '&&', '=', '?'],
];

const watches = [
  ...[
    'watch=true',
    'watch=1',
    'watch=foo',
    'watch',
    'watch=true&timeoutSeconds=1',
    'watch=true&resourceVersion=0',
  ],
  ...['watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'],
  ...[
    'watch=true&sendInitialEvents=true',
    'watch=true&labelSelector=a%20b',
    'watch=true&fieldSelector=bogus',
  ],
  ...['watch=true&limit=abc', 'watch=true&resourceVersion=abc', 'watch=true&fieldSelector=metadata.name%3Dx'],
];

/** Selectors, list options, and all that is none. */
export function queryRequests(targets: Targets): readonly SharedRequest[] {
  const pods = podsPath(targets);
  const pod = podPath(targets);
  const userAgents = ['curl/8.0', 'Wget/1.2', 'Mozilla/5.0 (X11)', 'kubectl/v1.37.2', 'xcurl'];
  const pretties = ['true', '1', 't', 'TRUE', 'T', 'True', 'tRUE', 'false', '0', 'foo', ''];
  const printed = [pod, `${pods}/not-there`, '/apis'];
  return [
    ...withParameter(pods, 'labelSelector', labelSelectors),
    ...withParameter(nodesPath, 'labelSelector', [
      'kubernetes.io/os=linux',
      'none=such',
      'a b',
      '!kubernetes.io/os',
    ]),
    ...withParameter(pods, 'fieldSelector', fieldSelectors(targets.pod, targets.namespace)),
    ...withParameter(nodesPath, 'fieldSelector', fieldSelectors(targets.node, '')),
    ...withQueries(pods, [...options, ...watches]),
    ...withQueries(nodesPath, ['watch=true', 'limit=abc', 'sendInitialEvents=true']),
    ...withQueries(pod, [
      ...watches.slice(0, 4),
      ...options.slice(0, 8),
      'resourceVersion=abc',
      'timeout=abc',
    ]),
    ...printed.flatMap((path) => withParameter(path, 'pretty', pretties)),
    ...crossed(
      printed,
      userAgents.map((agent) => ({ 'user-agent': agent })),
    ),
    asked(`${pod}?pretty=false`, { headers: { 'user-agent': 'curl/8.0' } }),
    ...['application/yaml', 'application/vnd.kubernetes.protobuf'].map((accept) =>
      asked(`${pod}?pretty=true`, { headers: { accept } }),
    ),
  ];
}
