import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchFrom, open } from './api-client.ts';
import { aggregatorUsername } from './authorization.ts';
import { type StandInKubeApiserver, startKubeApiserver } from './kube-apiserver.ts';

let apiserver: StandInKubeApiserver;
let token: string;

beforeEach(async () => {
  apiserver = await startKubeApiserver();
  token = apiserver.issueToken({ username: aggregatorUsername, groups: [] });
});
afterEach(() => apiserver.close());

const tokenReviews = '/apis/authentication.k8s.io/v1/tokenreviews';
const accessReviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews?timeout=10s';

function tokenReview(spec: unknown) {
  const body = { kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec };
  return { method: 'POST', token, body };
}

function accessReview(spec: unknown) {
  const body = { kind: 'SubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec };
  return { method: 'POST', token, body };
}

describe('TokenReview', () => {
  it('names the pod and node of an agent and the audiences that hold', async () => {
    const extra = {
      'authentication.kubernetes.io/node-name': ['node-a'],
      'authentication.kubernetes.io/pod-name': ['tacho-agent-x'],
      'authentication.kubernetes.io/pod-uid': ['uid-1'],
    };
    const username = 'system:serviceaccount:tacho:tacho-agent';
    const agent = apiserver.issueToken({ username, uid: 'sa-1', groups: [], audiences: ['tacho'], extra });
    const spec = { token: agent, audiences: ['other', 'tacho'] };
    const answer = await fetchFrom(apiserver, tokenReviews, tokenReview(spec));
    expect(answer.code).toBe(201);
    expect(answer.json).toMatchObject({
      kind: 'TokenReview',
      status: {
        authenticated: true,
        audiences: ['tacho'],
        user: { username, uid: 'sa-1', groups: ['system:authenticated'], extra },
      },
    });
  });

  it('without audiences asks for those of kube-apiserver, which the token of an agent has not', async () => {
    const agent = apiserver.issueToken({ username: 'agent', groups: [], audiences: ['tacho'] });
    const refused = await fetchFrom(apiserver, tokenReviews, tokenReview({ token: agent }));
    expect(refused.json).toMatchObject({
      status: { user: {}, error: expect.stringContaining('token audiences ["tacho"] is invalid') },
    });
    const own = await fetchFrom(apiserver, tokenReviews, tokenReview({ token }));
    expect(own.json).toMatchObject({
      status: { authenticated: true, audiences: ['https://kubernetes.default.svc.cluster.local'] },
    });
  });

  it('an unknown token is an answer, a broken review is a refusal', async () => {
    const unknown = await fetchFrom(apiserver, tokenReviews, tokenReview({ token: 'nonsense' }));
    expect(unknown).toMatchObject({ code: 201, json: { status: { error: 'invalid bearer token' } } });
    const refusals = [
      { ...tokenReview({}), body: '{"kind":' },
      { ...tokenReview({}), body: { kind: 'Other' } },
      tokenReview({ token: 'x', audiences: 'tacho' }),
      tokenReview([]),
    ];
    for (const refusal of refusals) {
      expect(await fetchFrom(apiserver, tokenReviews, refusal)).toMatchObject({ code: 400 });
    }
    expect(await fetchFrom(apiserver, tokenReviews, tokenReview({}))).toMatchObject({ code: 422 });
    const yaml = { ...tokenReview({}), headers: { 'Content-Type': 'application/yaml' } };
    expect(await fetchFrom(apiserver, tokenReviews, yaml)).toMatchObject({ code: 415 });
  });
});

describe('SubjectAccessReview', () => {
  it('decides by the same rule as requests, for resources and for paths', async () => {
    const allowed = async (spec: unknown) => {
      const { json } = await fetchFrom(apiserver, accessReviews, accessReview(spec));
      return (json as { status: { allowed: boolean } }).status.allowed;
    };
    const listPods = { verb: 'list', version: 'v1', resource: 'pods' };
    expect(await allowed({ user: aggregatorUsername, resourceAttributes: listPods })).toBe(true);
    expect(await allowed({ user: 'bob', resourceAttributes: listPods })).toBe(false);
    expect(await allowed({ user: 'bob', groups: ['system:masters'], resourceAttributes: listPods })).toBe(
      true,
    );
    const path = { path: '/apis/metrics.k8s.io/v1', verb: 'get' };
    expect(await allowed({ user: 'x', groups: ['system:authenticated'], nonResourceAttributes: path })).toBe(
      true,
    );
    expect(
      await allowed({ user: 'x', groups: ['system:unauthenticated'], nonResourceAttributes: path }),
    ).toBe(false);
  });

  it('refuses a review that asks nothing, both things, or about nobody', async () => {
    const attributes = { resourceAttributes: {}, nonResourceAttributes: {} };
    for (const spec of [{ user: 'x' }, { user: 'x', ...attributes }, { nonResourceAttributes: {} }]) {
      expect(await fetchFrom(apiserver, accessReviews, accessReview(spec))).toMatchObject({ code: 422 });
    }
  });
});

describe('faults', () => {
  it('a review told to fail is a 500 until the fault is cleared', async () => {
    apiserver.faults.tokenReview = 'error';
    const failed = await fetchFrom(apiserver, tokenReviews, tokenReview({ token }));
    expect(failed).toMatchObject({ code: 500, json: { reason: 'InternalError' } });
    apiserver.faults.tokenReview = undefined;
    expect(await fetchFrom(apiserver, tokenReviews, tokenReview({ token }))).toMatchObject({ code: 201 });
  });

  it('a review told to hang leaves others alone and ends with the server', async () => {
    apiserver.faults.subjectAccessReview = 'hang';
    const hanging = open(apiserver, accessReviews, accessReview({ user: 'x', resourceAttributes: {} }));
    const outcome = hanging.then(
      () => 'answered',
      () => 'cut off',
    );
    expect(await fetchFrom(apiserver, tokenReviews, tokenReview({ token }))).toMatchObject({ code: 201 });
    await apiserver.close();
    expect(await outcome).toBe('cut off');
  });
});
