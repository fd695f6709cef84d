import { describe, expect, it } from 'vitest';
import { parseRequest } from './request-info.ts';

describe('parseRequest()', () => {
  it.each([
    ['GET', '/api/v1/nodes', 'list', '', 'nodes', '', ''],
    ['GET', '/api/v1/nodes/n1', 'get', '', 'nodes', '', 'n1'],
    ['GET', '/api/v1/pods?watch=true', 'watch', '', 'pods', '', ''],
    ['GET', '/api/v1/pods?watch=', 'watch', '', 'pods', '', ''],
    ['GET', '/api/v1/pods?watch=0', 'list', '', 'pods', '', ''],
    ['GET', '/api/v1/namespaces/default/pods/web%2D0', 'get', '', 'pods', 'default', 'web-0'],
    ['GET', '/api/v1/namespaces/default', 'get', '', 'namespaces', 'default', 'default'],
    ['GET', '/apis/metrics.k8s.io/v1/namespaces/ns/pods', 'list', 'metrics.k8s.io', 'pods', 'ns', ''],
    [
      'POST',
      '/apis/authentication.k8s.io/v1/tokenreviews',
      'create',
      'authentication.k8s.io',
      'tokenreviews',
      '',
      '',
    ],
    ['DELETE', '/api/v1/nodes', 'deletecollection', '', 'nodes', '', ''],
    ['PATCH', '/api/v1/nodes/n1', 'patch', '', 'nodes', '', 'n1'],
    ['GET', '/api/v1/configmaps?watch=1&fieldSelector=metadata.name%3Dx', 'watch', '', 'configmaps', '', 'x'],
  ])(
    '%s %s is %s of group %j, %s in %j named %j',
    (method, target, verb, group, resource, namespace, name) => {
      const info = parseRequest(method, target);
      expect(info.verb).toBe(verb);
      expect(info.resource).toMatchObject({ group, resource, namespace, name });
    },
  );

  it.each(['/', '/api', '/api/v1', '/apis/metrics.k8s.io/v1', '/version'])('%s is no resource', (target) => {
    const info = parseRequest('GET', target);
    expect(info).toMatchObject({ path: target, verb: 'get' });
    expect(info.resource).toBeUndefined();
  });

  it('knows a subresource, also of a namespace', () => {
    expect(parseRequest('GET', '/api/v1/namespaces/a/pods/b/log').resource).toMatchObject({
      subresource: 'log',
    });
    expect(parseRequest('GET', '/api/v1/namespaces/a/status').resource).toMatchObject({
      resource: 'namespaces',
      name: 'a',
      subresource: 'status',
    });
  });

  it('refuses a broken percent-encoding', () => {
    expect(() => parseRequest('GET', '/api/v1/pods/%zz')).toThrow(
      'expected a valid percent-encoding, found "%zz"',
    );
  });
});
