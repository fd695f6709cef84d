import { beforeAll, expect, test } from 'vitest';
import { extensionAuthenticationConfigMap } from '../../../test/stand-ins/kube-apiserver/authentication.ts';
import { createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { PublishedTrust, trustConfigMap } from './published-trust.ts';

let pki: Pki;
beforeAll(async () => {
  pki = await createPki();
});

/** The ConfigMap as kube-apiserver publishes it, with some keys changed. */
const configMap = (changed: Record<string, string> = {}) => {
  const { metadata, ...rest } = extensionAuthenticationConfigMap(pki);
  return { metadata, data: { ...(rest['data'] as Record<string, string>), ...changed } };
};

function published() {
  const { log, lines } = keptLog();
  const bundles: string[] = [];
  return { lines, bundles, trust: new PublishedTrust(log, (bundle) => bundles.push(bundle)) };
}

test('PublishedTrust trusts nobody until something was published', () => {
  const { trust } = published();
  expect(trust.current).toBeUndefined();
  trust.replace([]);
  expect(trust.current).toBeUndefined();
});

test('PublishedTrust reads the ConfigMap of kube-apiserver and tells the bundle', () => {
  const { trust, bundles } = published();
  trust.replace([configMap()]);
  expect(trust.current).toMatchObject({
    ca: [{ subject: 'CN=front-proxy-ca' }],
    allowedNames: ['front-proxy-client'],
    usernameHeaders: ['X-Remote-User'],
    uidHeaders: ['X-Remote-Uid'],
    groupHeaders: ['X-Remote-Group'],
    extraHeaderPrefixes: ['X-Remote-Extra-'],
  });
  expect(bundles).toEqual([pki.frontProxyCa.certificate]);
});

test('PublishedTrust takes a key that is absent or empty for an empty list', () => {
  const { trust } = published();
  const { 'requestheader-uid-headers': _, ...data } = configMap({ 'requestheader-allowed-names': '' }).data;
  trust.set({ ...configMap(), data });
  expect(trust.current).toMatchObject({ uidHeaders: [], allowedNames: [] });
});

test.each([
  ['no bundle', { 'requestheader-client-ca-file': '' }, /holds no certificate/],
  ['a bundle that is none', { 'requestheader-client-ca-file': 'x' }, /holds no certificate/],
  ['a list that is no JSON', { 'requestheader-allowed-names': '[' }, /JSON/],
  ['a list that is a string', { 'requestheader-group-headers': '"X"' }, /expected a JSON array of strings/],
  ['a list with a number', { 'requestheader-username-headers': '[1]' }, /requestheader-username-headers/],
])('PublishedTrust keeps the last good trust through an update with %s, and says so', (_, changed, why) => {
  const { trust, bundles, lines } = published();
  trust.set(configMap());
  const good = trust.current;
  trust.set(configMap(changed));
  expect(trust.current).toBe(good);
  expect(bundles).toHaveLength(1);
  expect(lines).toMatchObject([{ level: 50, ...trustConfigMap, reason: expect.stringMatching(why) }]);
});

test('PublishedTrust keeps the last good trust when the ConfigMap is deleted or has no data', () => {
  const { trust, lines } = published();
  trust.set(configMap());
  const good = trust.current;
  trust.remove();
  trust.set({ metadata: configMap().metadata });
  trust.replace([]);
  expect(trust.current).toBe(good);
  expect(lines).toHaveLength(2);
});

test('PublishedTrust follows an exchange of the CA', async () => {
  const { trust, bundles } = published();
  trust.set(configMap());
  const next = (await createPki()).frontProxyCa.certificate;
  trust.set(configMap({ 'requestheader-client-ca-file': pki.frontProxyCa.certificate + next }));
  expect(trust.current?.ca).toHaveLength(2);
  expect(bundles).toHaveLength(2);
});
