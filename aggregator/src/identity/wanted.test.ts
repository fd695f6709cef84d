import { expect, test } from 'vitest';
import { decodedPath, wantedBy } from './wanted.ts';

const base = '/apis/metrics.k8s.io/v1';
const about = { group: 'metrics.k8s.io', version: 'v1' };
const selectedP = {
  fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'In', values: ['p'] }] },
};

test.each<[string, string, string, object]>([
  ['GET', `${base}/nodes`, '', { verb: 'list', resource: 'nodes' }],
  ['GET', `${base}/nodes/`, '', { verb: 'list', resource: 'nodes' }],
  ['GET', `${base}/nodes/n1`, '', { verb: 'get', resource: 'nodes', name: 'n1' }],
  ['GET', `${base}/namespaces/default/pods`, '', { verb: 'list', resource: 'pods', namespace: 'default' }],
  ['GET', `${base}/namespaces/a/pods/p`, '', { verb: 'get', resource: 'pods', namespace: 'a', name: 'p' }],
  [
    ...(['GET', `${base}/namespaces/a/pods/p/log`, ''] as const),
    { verb: 'get', resource: 'pods', namespace: 'a', name: 'p', subresource: 'log' },
  ],
  [
    ...(['GET', `${base}/namespaces/a/pods/p`, 'watch=1'] as const),
    { verb: 'get', resource: 'pods', namespace: 'a', name: 'p' },
  ],
  ['GET', `${base}/namespaces/a`, '', { verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a' }],
  [
    ...(['GET', `${base}/namespaces/a/status`, ''] as const),
    { verb: 'get', resource: 'namespaces', namespace: 'a', name: 'a', subresource: 'status' },
  ],
  ['GET', `${base}/namespaces`, '', { verb: 'list', resource: 'namespaces' }],
  ['GET', `${base}/watch/pods`, 'labelSelector=a', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/nodes/%zz`, '', { verb: 'get', resource: 'nodes', name: '%zz' }],
  ['HEAD', `${base}/pods`, '', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=true', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=foo', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=foo&limit=x', { verb: 'watch', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=False', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'watch=0', { verb: 'list', resource: 'pods' }],
  [
    'GET',
    `${base}/pods`,
    'fieldSelector=metadata.name%3Dp',
    { verb: 'list', resource: 'pods', name: 'p', ...selectedP },
  ],
  [
    ...(['GET', `${base}/pods`, 'fieldSelector=metadata.name%3Dp&limit=x'] as const),
    { verb: 'list', resource: 'pods', ...selectedP },
  ],
  [
    ...(['GET', `${base}/pods`, 'fieldSelector=metadata.name!%3Dp'] as const),
    {
      ...{ verb: 'list', resource: 'pods' },
      fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'NotIn', values: ['p'] }] },
    },
  ],
  ['GET', `${base}/pods`, 'fieldSelector=bogus', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/pods`, 'labelSelector=a%3D%3D%3Db', { verb: 'list', resource: 'pods' }],
  ['GET', `${base}/nodes/n1`, 'labelSelector=a', { verb: 'get', resource: 'nodes', name: 'n1' }],
  ['POST', `${base}/pods`, '', { verb: 'create', resource: 'pods' }],
  ['PUT', `${base}/nodes/n1`, '', { verb: 'update', resource: 'nodes', name: 'n1' }],
  ['PATCH', `${base}/nodes/n1`, '', { verb: 'patch', resource: 'nodes', name: 'n1' }],
  ['DELETE', `${base}/nodes/n1`, '', { verb: 'delete', resource: 'nodes', name: 'n1' }],
  [
    ...(['DELETE', `${base}/nodes`, 'labelSelector=a'] as const),
    {
      ...{ verb: 'deletecollection', resource: 'nodes' },
      labelSelector: { requirements: [{ key: 'a', operator: 'Exists' }] },
    },
  ],
  ['OPTIONS', `${base}/nodes`, '', { verb: '', resource: 'nodes' }],
])('wantedBy() of %s %s?%s is %j', (method, path, query, wanted) => {
  expect(wantedBy(method, path, new URLSearchParams(query))).toEqual({
    resourceAttributes: { ...about, ...wanted },
  });
});

test('wantedBy() of a list tells the requirements of its labels, but not those that a review has no word for', () => {
  const query = new URLSearchParams({ labelSelector: 'z!=1,a=b,c in (y,x),d notin (q),e,!f,g>1,h<2' });
  expect(wantedBy('GET', `${base}/pods`, query)).toMatchObject({
    resourceAttributes: {
      labelSelector: {
        requirements: [
          { key: 'a', operator: 'In', values: ['b'] },
          { key: 'c', operator: 'In', values: ['x', 'y'] },
          { key: 'd', operator: 'NotIn', values: ['q'] },
          { key: 'e', operator: 'Exists' },
          { key: 'f', operator: 'DoesNotExist' },
          { key: 'z', operator: 'NotIn', values: ['1'] },
        ],
      },
    },
  });
});

test('wantedBy() of the legacy API is a resource of the group without a name', () => {
  expect(wantedBy('GET', '/api/v1/pods', new URLSearchParams())).toEqual({
    resourceAttributes: { verb: 'list', group: '', version: 'v1', resource: 'pods' },
  });
});

test.each([
  ['GET', '/', 'get'],
  ['GET', '/apis', 'get'],
  ['GET', '/apis/metrics.k8s.io', 'get'],
  ['GET', base, 'get'],
  ['GET', `${base}/`, 'get'],
  ['GET', '/api/v1', 'get'],
  ['POST', '/version', 'post'],
  ['GET', '/openapi/v3/apis/metrics.k8s.io/v1', 'get'],
])('wantedBy() of %s %s is a plain path', (method, path, verb) => {
  expect(wantedBy(method, path, new URLSearchParams())).toEqual({ nonResourceAttributes: { path, verb } });
});

test('decodedPath() decodes a slash too, as the routes do: nothing is authorized that is not served', () => {
  const path = decodedPath(`${base}/namespaces/a%2Fpods/b`);
  expect(path).toBe(`${base}/namespaces/a/pods/b`);
  expect(wantedBy('GET', path, new URLSearchParams())).toMatchObject({
    resourceAttributes: { namespace: 'a', resource: 'pods', name: 'b' },
  });
  expect(decodedPath('/a/%zz')).toBe('/a/%zz');
});

test.each(['fieldSelector', 'labelSelector'])(
  'wantedBy() asks for the whole list when the %s is too long to be reviewed',
  (parameter) => {
    const query = new URLSearchParams({ fieldSelector: 'metadata.name=p' });
    query.set(parameter, `metadata.name=p,${'a=b,'.repeat(1_100)}`);
    const wanted = { resourceAttributes: { ...about, verb: 'list', resource: 'pods' } };
    const { resourceAttributes } = wantedBy('GET', `${base}/pods`, query) as typeof wanted;
    expect(resourceAttributes).toMatchObject(wanted.resourceAttributes);
    expect(resourceAttributes).not.toHaveProperty('name');
    expect(resourceAttributes).not.toHaveProperty(parameter);
  },
);
