import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestKind } from './request-kind.ts';

const kindOf = (method: string, url: string) => {
  const [path = '', query] = url.split('?');
  return requestKind({ method, path, query: new URLSearchParams(query) });
};
const of = (verb: string, version: string, resource: string, scope: string) => ({
  ...{ verb, group: 'metrics.k8s.io', version, resource, subresource: '', scope },
});
const gv = '/apis/metrics.k8s.io/v1beta1';

test.each([
  ['GET', `${gv}/nodes`, of('LIST', 'v1beta1', 'nodes', 'cluster')],
  ['HEAD', `${gv}/nodes`, of('LIST', 'v1beta1', 'nodes', 'cluster')],
  ['GET', `${gv}/nodes/n1`, of('GET', 'v1beta1', 'nodes', 'resource')],
  ['GET', '/apis/metrics.k8s.io/v1/pods', of('LIST', 'v1', 'pods', 'cluster')],
  ['GET', `${gv}/namespaces/a/pods`, of('LIST', 'v1beta1', 'pods', 'namespace')],
  ['GET', `${gv}/namespaces/a/pods/p`, of('GET', 'v1beta1', 'pods', 'resource')],
  ['GET', `${gv}/pods?watch=1`, of('WATCH', 'v1beta1', 'pods', 'cluster')],
  ['GET', `${gv}/nodes/n1?watch=1`, of('GET', 'v1beta1', 'nodes', 'resource')],
  ['DELETE', `${gv}/nodes/n1`, of('DELETE', 'v1beta1', 'nodes', 'resource')],
  ['BREW', `${gv}/pods`, of('other', 'v1beta1', 'pods', 'cluster')],
])('requestKind() of %s %s is that of its resource', (method, url, expected) => {
  expect(kindOf(method, url)).toMatchObject(expected);
});

test.each([
  ['/readyz', '/readyz'],
  ['/readyz/ping', '/readyz'],
  ['/metrics', '/metrics'],
  ['/apis', '/apis'],
  [gv, '/apis'],
  ['/openapi/v3/apis/x', '/openapi/v3'],
  ['/readyzz', 'other'],
  ['/', 'other'],
  ['/%', 'other'],
])('requestKind() of %s counts with %s', (path, subresource) => {
  expect(kindOf('GET', path)).toMatchObject({ verb: 'GET', group: '', resource: '', scope: '', subresource });
});

test('requestKind() tells reading from changing, and a watch from both', () => {
  expect(kindOf('GET', `${gv}/pods`)).toMatchObject({ load: 'reading', longRunning: false });
  expect(kindOf('POST', `${gv}/pods?watch=1`)).toMatchObject({ load: 'mutating', longRunning: false });
  expect(kindOf('GET', `${gv}/pods?watch=1`)).toMatchObject({ longRunning: true });
});

test('requestKind() of whatever a client sends stays within a closed list', () => {
  const segment = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'apis',
      'metrics.k8s.io',
      'v1',
      'v1beta1',
      'v2',
      'pods',
      'nodes',
      'namespaces',
      'readyz',
      '..',
    ),
  );
  const url = fc.array(segment, { maxLength: 8 }).map((segments) => `/${segments.join('/')}`);
  const seen = new Map<string, Set<string>>();
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.constantFrom('GET', 'POST')), url, (method, path) => {
      for (const [label, value] of Object.entries(kindOf(method, path))) {
        seen.set(label, (seen.get(label) ?? new Set()).add(String(value)));
      }
    }),
  );
  const most = {
    verb: 8,
    group: 2,
    version: 3,
    resource: 3,
    subresource: 10,
    scope: 4,
    load: 2,
    longRunning: 2,
  };
  for (const [label, values] of seen) {
    expect(values.size).toBeLessThanOrEqual(most[label as keyof typeof most]);
  }
});
