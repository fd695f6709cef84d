/** Requests of every sort for the fuzz tests: half of them nearly right, so that they get past the first check. */
import fc from 'fast-check';
import { long, wildHeaders, wireText } from './fixture-wild-headers.ts';

/** A request as it goes over the wire: one character for each byte. */
export interface WildRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
}

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'apis',
        'metrics.k8s.io',
        'v1',
        'v1beta1',
        'nodes',
        'pods',
        'namespaces',
        'default',
        'node-a',
        'web-1',
      ],
      ...['web-new', 'node-new', 'version', 'openapi', 'v2', 'v3', 'watch', 'proxy', 'healthz', 'status'],
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '',
      '%',
      '%2F',
      '%00',
      '%zz',
      '%C3',
      '%c3%a4',
      '..',
      '.',
      '%2e%2e',
      '*',
      '<html>',
    ),
  },
  { weight: 1, arbitrary: wireText(0x21, 12).map((text) => text.replaceAll('?', '')) },
);
const group = '/apis/metrics.k8s.io';
const start = fc.constantFrom(
  ...['', '/', '/apis', group, `${group}/v1`, `${group}/v1beta1/nodes`, `${group}/v1/pods`],
  ...[
    `${group}/v1/namespaces/default/pods`,
    `${group}/v1beta1/namespaces`,
    '/openapi/v3',
    '/readyz',
    '/api/v1',
  ],
);
const served = fc.constantFrom(
  ...[
    '/apis',
    group,
    `${group}/`,
    `${group}/v1`,
    `${group}/v1beta1/`,
    '/version',
    '/',
    '/index.html',
    '/metrics',
  ],
  ...[
    '/openapi/v2',
    '/openapi/v3',
    '/openapi/v3/apis/metrics.k8s.io/v1',
    '/healthz',
    '/livez/ping',
    '/readyz',
  ],
  ...[`${group}/v1/nodes`, `${group}/v1beta1/pods`, `${group}/v1/nodes/node-a`, `${group}/v1/nodes/node-new`],
  ...[`${group}/v1/namespaces/default/pods`, `${group}/v1beta1/namespaces/default/pods/web-1`],
);
const path = fc.oneof(
  { weight: 6, arbitrary: served },
  {
    weight: 6,
    arbitrary: fc
      .tuple(start, fc.array(segment, { maxLength: 4 }))
      .map(([from, rest]) => [from, ...rest].join('/') || '/'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '*',
      'x',
      '//',
      '///apis',
      'https://x/apis',
      'http://[/',
      'http://a:b:c/',
      '/apis#x',
    ),
  },
  { weight: 1, arbitrary: fc.tuple(served, long).map(([from, rest]) => `${from}/${rest}`) },
);

const value = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'a in (b)',
        'app=web',
        '!app',
        'app notin (a,,b)',
        'a>x',
        'n>9223372036854775808',
        'a=b=c',
        'a,',
        'x/y/z',
      ],
      ...[
        'metadata.name=web-1',
        'metadata.namespace!=default',
        'spec.nodeName=n',
        'a\\=b=c\\',
        'a=b\\x',
        '=',
        ',',
      ],
      ...[
        '',
        '0',
        '1',
        '5',
        '-1',
        '99999999999999999999',
        '1e3',
        ' 1',
        'true',
        'False',
        '1ns',
        '10s',
        '-5s',
        '1h1.5m',
      ],
      ...[
        'None',
        'Object',
        'Exact',
        'NotOlderThan',
        '1000001000000',
        'ü',
        '<html>',
        '\u0000',
        '\ud800',
        '\u2028',
      ],
    ),
  },
  { weight: 2, arbitrary: fc.string({ maxLength: 20, unit: 'grapheme' }) },
  { weight: 1, arbitrary: long },
);
const option = fc.constantFrom(
  ...[
    'labelSelector',
    'fieldSelector',
    'limit',
    'timeout',
    'pretty',
    'includeObject',
    'resourceVersionMatch',
  ],
  ...['resourceVersion', 'continue', 'watch', 'timeoutSeconds', 'sendInitialEvents', 'allowWatchBookmarks'],
  ...['hash', 'verbose', 'exclude', 'x'],
);
const encoded = (text: string) => encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+');
const query = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  {
    weight: 6,
    arbitrary: fc
      .array(fc.tuple(option, value), { minLength: 1, maxLength: 4 })
      .map((pairs) => `?${pairs.map(([name, text]) => `${name}=${encoded(text)}`).join('&')}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('?watch=true', '?watch=1&timeoutSeconds=1', '?watch&sendInitialEvents=true'),
  },
  { weight: 1, arbitrary: wireText(0x21, 30).map((text) => `?${text}`) },
);

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant('GET') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'HEAD',
      'OPTIONS',
      'TRACE',
      'PROPFIND',
      'QUERY',
      'PURGE',
    ),
  },
);

export const wildRequest: fc.Arbitrary<WildRequest> = fc.record({
  method,
  target: fc.tuple(path, query).map((parts) => Buffer.from(parts.join('')).toString('latin1')),
  headers: wildHeaders,
});
