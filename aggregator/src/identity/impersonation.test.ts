import { expect, test } from 'vitest';
import type { ApiRequest } from '../api/protocol/api-message.ts';
import { impersonated } from './impersonation.ts';
import type { Wanted } from './wanted.ts';

const request: ApiRequest = {
  method: 'GET',
  path: '/',
  query: new URLSearchParams(),
  header: () => undefined,
};
const { signal } = new AbortController();
const caller = { name: 'jane', uid: '', groups: ['system:authenticated'], extra: {} };

async function as(rawHeaders: readonly string[], denies: (wanted: Wanted) => boolean = () => false) {
  const asked: object[] = [];
  const access = {
    decide: async (_: unknown, wanted: Wanted) => {
      if ('resourceAttributes' in wanted) asked.push(wanted.resourceAttributes);
      return { allowed: !denies(wanted), reason: '' };
    },
  };
  const outcome = await impersonated(request, caller, rawHeaders, access, signal);
  return {
    asked,
    user: 'user' in outcome ? outcome.user : undefined,
    status: 'refusal' in outcome ? outcome.refusal.status : undefined,
    body: 'refusal' in outcome ? String(outcome.refusal.body) : undefined,
  };
}

const inCore = { verb: 'impersonate', group: '', version: '' };
const inIdentity = { verb: 'impersonate', group: 'authentication.k8s.io', version: 'v1' };

test.each([[[]], [['Accept', '*/*', 'X-Impersonate-User', 'root']], [['Impersonate-User', '']]])(
  'impersonated() leaves the caller as he is with headers %j',
  async (headers) => {
    expect(await as(headers)).toMatchObject({ user: caller, asked: [] });
  },
);

test('impersonated() asks for the user, each group, each extra value and the UID', async () => {
  const { user, asked } = await as([
    ...['impersonate-user', 'joe', 'Impersonate-Group', 'dev', 'IMPERSONATE-GROUP', 'a, b'],
    ...[
      'Impersonate-Uid',
      'u-1',
      'Impersonate-Extra-Example.com%2fk',
      'one',
      'Impersonate-Extra-Example.com%2fk',
      'two',
    ],
  ]);
  expect(user).toEqual({
    ...{ name: 'joe', uid: 'u-1', groups: ['dev', 'a, b', 'system:authenticated'] },
    extra: { 'example.com/k': ['one', 'two'] },
  });
  expect(asked).toEqual([
    { ...inCore, resource: 'users', name: 'joe' },
    { ...inCore, resource: 'groups', name: 'dev' },
    { ...inCore, resource: 'groups', name: 'a, b' },
    { ...inIdentity, resource: 'userextras', subresource: 'example.com/k', name: 'one' },
    { ...inIdentity, resource: 'userextras', subresource: 'example.com/k', name: 'two' },
    { ...inIdentity, resource: 'uids', name: 'u-1' },
  ]);
});

test('impersonated() knows a service account and its groups', async () => {
  const { user, asked } = await as(['Impersonate-User', 'system:serviceaccount:kube-system:agent']);
  expect(user?.groups).toEqual([
    ...['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  ]);
  expect(asked).toEqual([
    { ...inCore, resource: 'serviceaccounts', namespace: 'kube-system', name: 'agent' },
  ]);
});

test.each([
  ['system:anonymous', [], ['system:unauthenticated']],
  ['system:anonymous', ['dev'], ['dev', 'system:unauthenticated']],
  ['joe', [], ['system:authenticated']],
  ['joe', ['system:authenticated'], ['system:authenticated']],
  ['joe', ['system:unauthenticated'], ['system:unauthenticated']],
  ['system:serviceaccount:a:b', ['dev'], ['dev', 'system:authenticated']],
])('impersonated() of %s with groups %j has groups %j', async (name, groups, expected) => {
  const headers = ['Impersonate-User', name, ...groups.flatMap((group) => ['Impersonate-Group', group])];
  expect((await as(headers)).user?.groups).toEqual(expected);
});

const noGroups = 'Groups:[]string(nil)';
const noExtra = 'Extra:map[string][]string(nil)';

test.each([
  [
    ['Impersonate-Group', 'dev', 'Impersonate-Group', 'b"'],
    `UID:"", Groups:[]string{"dev", "b\\""}, ${noExtra}`,
  ],
  [['Impersonate-Uid', 'u'], `UID:"u", ${noGroups}, ${noExtra}`],
  [
    ['Impersonate-Extra-K', 'v', 'Impersonate-Extra-A', 'w', 'Impersonate-Extra-K', 'x'],
    `UID:"", ${noGroups}, Extra:map[string][]string{"a":[]string{"w"}, "k":[]string{"v", "x"}}`,
  ],
  [['Impersonate-User', '', 'Impersonate-Group', ''], `UID:"", Groups:[]string{""}, ${noExtra}`],
])('impersonated() answers 400 to %j: nobody is named', async (headers, said) => {
  const { status, asked, body } = await as(headers);
  expect([status, asked]).toEqual([400, []]);
  expect(JSON.parse(body ?? '').message).toBe(
    `requested &user.DefaultInfo{Name:"", ${said}} without impersonating a user name`,
  );
});

test('impersonated() answers 403 at the first thing that the caller may not impersonate', async () => {
  const headers = [
    'Impersonate-User',
    'joe',
    'Impersonate-Group',
    'system:masters',
    'Impersonate-Group',
    'x',
  ];
  const isGroup = (wanted: Wanted) =>
    'resourceAttributes' in wanted && wanted.resourceAttributes.resource === 'groups';
  const { status, body, asked } = await as(headers, isGroup);
  expect([status, asked.length]).toEqual([403, 2]);
  expect(JSON.parse(body ?? '')).toMatchObject({
    message:
      'groups "system:masters" is forbidden: User "jane" cannot impersonate resource "groups" in API group "" at the cluster scope',
    details: { name: 'system:masters', kind: 'groups' },
  });
});
