import { expect, test } from 'vitest';
import type { AgentPodPlace } from '../kube/agent-pods.ts';
import { agentNode, displaced } from './agent-node.ts';
import { boundTo, username } from './fixture-identity.ts';

const agent = { node: 'n1', podName: 'tacho-agent-u1', podUid: 'u1' };
const here = { name: 'tacho-agent-u1', nodeName: 'n1' };
const elsewhere = { ...here, nodeName: 'n2' };

/** The node of a token that names this one, or none, where the watch knows this of its pod. */
const nodeOf = (node: string | undefined, place?: AgentPodPlace | 'gone') =>
  agentNode(boundTo(node, 'u1'), username, (uid) => (uid === 'u1' ? place : undefined));

test.each([
  ['that the watch does not know yet', undefined],
  ['that is there', here],
])('agentNode() believes the node that a token names for a pod %s', (_, place) => {
  expect(nodeOf('n1', place)).toEqual(agent);
});

test('agentNode() of a token that names no node, before Kubernetes 1.30, is where the pod is scheduled', () => {
  expect(nodeOf(undefined, here)).toEqual(agent);
  expect(nodeOf(undefined, elsewhere)).toEqual({ ...agent, node: 'n2' });
});

test('agentNode() of a token that names no node is unavailable, and that benign, until the watch knows the pod', () => {
  expect(nodeOf(undefined)).toEqual({
    refused: 'the token names no node, and the watch does not know its pod yet: try again',
    code: 'unavailable',
    reason: 'agent whose pod the watch does not know',
  });
});

test('agentNode() refuses as forged what the watch knows otherwise', () => {
  expect(nodeOf('n1', elsewhere)).toMatchObject({
    code: 'forbidden',
    reason: 'agent whose pod is on another node',
  });
  expect(nodeOf(undefined, { ...here, name: 'other' })).toMatchObject({
    code: 'forbidden',
    reason: 'agent with the identity of somebody else',
  });
});

test.each(['n1', undefined])('agentNode() refuses a pod that is gone, with %s for its node', (node) => {
  expect(nodeOf(node, 'gone')).toMatchObject({ code: 'unauthenticated', reason: 'agent whose pod is gone' });
});

const claims = boundTo('n1', 'u1').extra;

test.each([
  ['another account', 'system:serviceaccount:default:thief', claims, /is of system:.*thief, expected/],
  ['no pod', username, { 'authentication.kubernetes.io/node-name': ['n1'] }, /token names no pod/],
  ['no UID', username, { ...claims, 'authentication.kubernetes.io/pod-uid': [] }, /token names no pod/],
  ['nothing', username, {}, /token names no pod/],
])('agentNode() forbids a token of %s', (_, name, extra, why) => {
  expect(agentNode({ username: name, extra }, username, () => here)).toEqual({
    refused: expect.stringMatching(why),
    code: 'forbidden',
    reason: 'agent with the identity of somebody else',
  });
});

test('displaced() has nothing against a pod that is where it was, or that the watch has never told of', () => {
  expect(displaced(agent, () => here)).toBeUndefined();
  expect(displaced(agent, () => undefined)).toBeUndefined();
  expect(displaced(agent, () => elsewhere)).toMatchObject({ code: 'forbidden' });
  expect(displaced(agent, () => 'gone')).toMatchObject({ code: 'unauthenticated' });
});
