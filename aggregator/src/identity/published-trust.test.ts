import { beforeAll, expect, test } from 'vitest';
import { createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { ClientTrust } from './client-trust.ts';
import { publishedMap } from './fixture-gate.ts';
import { type PublishedParts, PublishedTrust, trustConfigMap } from './published-trust.ts';

let pki: Pki;
let next: Pki;
beforeAll(async () => {
  [pki, next] = await Promise.all([createPki(), createPki()]);
});

function published(parts?: PublishedParts) {
  const { log, lines } = keptLog();
  const bundles: string[] = [];
  const trust = new ClientTrust();
  trust.follow((bundle) => bundles.push(bundle));
  return { lines, bundles, trust, map: new PublishedTrust(log, trust, parts) };
}

test('PublishedTrust trusts nobody until something was published', () => {
  const { trust, map, bundles } = published();
  map.replace([]);
  expect(trust.current).toEqual({ frontProxy: undefined, clientCa: undefined });
  expect(bundles).toEqual([]);
});

test('PublishedTrust reads the ConfigMap of kube-apiserver and tells both bundles', () => {
  const { trust, map, bundles } = published();
  map.replace([publishedMap(pki)]);
  expect(trust.current).toMatchObject({
    frontProxy: {
      ca: [{ subject: 'CN=front-proxy-ca' }],
      allowedNames: ['front-proxy-client'],
      usernameHeaders: ['x-remote-user'],
      uidHeaders: ['x-remote-uid'],
      groupHeaders: ['x-remote-group'],
      extraHeaderPrefixes: ['x-remote-extra-'],
    },
    clientCa: [{ subject: 'CN=kubernetes' }],
  });
  expect(bundles.at(-1)).toBe(pki.frontProxyCa.certificate + pki.clusterCa.certificate);
});

test('PublishedTrust changes nothing when the same is published again', () => {
  const { trust, map, bundles } = published();
  map.set(publishedMap(pki));
  const { current } = trust;
  const told = bundles.length;
  map.set(publishedMap(pki));
  expect(trust.current).toBe(current);
  expect(bundles).toHaveLength(told);
});

test('PublishedTrust takes a key of names that is absent or empty for an empty list', () => {
  const { trust, map } = published();
  map.set(publishedMap(pki, { 'requestheader-uid-headers': undefined, 'requestheader-allowed-names': '' }));
  expect(trust.current.frontProxy).toMatchObject({ uidHeaders: [], allowedNames: [] });
});

test('PublishedTrust knows no CA of users where none is published', () => {
  const { trust, map, lines } = published();
  map.set(publishedMap(pki, { 'client-ca-file': undefined }));
  expect(trust.current).toMatchObject({ frontProxy: { ca: [{}] }, clientCa: undefined });
  expect(lines).toMatchObject([{ level: 40, key: 'client-ca-file' }]);
});

const frontProxy = 'requestheader-client-ca-file';
const names = 'requestheader-allowed-names';

test.each([
  ['no bundle of the front proxy', { [frontProxy]: '' }, frontProxy, /holds no certificate/],
  ['a bundle that is none', { [frontProxy]: 'x' }, frontProxy, /holds no certificate/],
  ['no bundle of users', { 'client-ca-file': undefined }, 'client-ca-file', /holds no certificate/],
  ['a bundle of users that is none', { 'client-ca-file': 'x' }, 'client-ca-file', /holds no certificate/],
  ['a list that is no JSON', { [names]: '[' }, names, /JSON/],
  [
    'a list that is a string',
    { 'requestheader-group-headers': '"X"' },
    names,
    /expected a JSON array of strings/,
  ],
  [
    'a list with a number',
    { 'requestheader-username-headers': '[1]' },
    names,
    /requestheader-username-headers/,
  ],
])(
  'PublishedTrust keeps the last good trust through an update with %s, and says so',
  (_, changed, key, why) => {
    const { trust, map, lines } = published();
    map.set(publishedMap(pki));
    const good = trust.current;
    map.set(publishedMap(pki, changed));
    expect(trust.current).toBe(good);
    expect(lines).toMatchObject([{ level: 50, ...trustConfigMap, key, reason: expect.stringMatching(why) }]);
  },
);

test('PublishedTrust takes what is good of an update whose other parts are broken', () => {
  const { trust, map } = published();
  map.set(publishedMap(pki));
  const before = trust.current;
  map.set(publishedMap(next, { [frontProxy]: 'broken', [names]: '["other"]' }));
  expect(trust.current.frontProxy?.ca).toBe(before.frontProxy?.ca);
  expect(trust.current.frontProxy?.allowedNames).toEqual(['other']);
  expect(trust.current.clientCa?.[0]?.fingerprint256).not.toBe(before.clientCa?.[0]?.fingerprint256);
});

test('PublishedTrust keeps the last good trust when the ConfigMap is deleted or has no data', () => {
  const { trust, map, lines } = published();
  map.set(publishedMap(pki));
  const { frontProxy: good } = trust.current;
  map.remove();
  map.replace([]);
  expect(trust.current.frontProxy).toBe(good);
  expect(lines.map(({ level }) => level)).toEqual([50, 40]);
});

test('PublishedTrust leaves alone what flags have given', () => {
  const { trust, map } = published({ frontProxy: false, clientCa: true });
  trust.setFrontProxyCa(next.frontProxyCa.certificate);
  const { frontProxy: given } = trust.current;
  map.set(publishedMap(pki));
  expect(trust.current.frontProxy?.ca).toBe(given?.ca);
  expect(trust.current.clientCa).toHaveLength(1);
});
