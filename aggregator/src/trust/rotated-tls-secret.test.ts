import { createSecureContext } from 'node:tls';
import { beforeAll, expect, test } from 'vitest';
import { readBundle } from '../identity/ca-bundle.ts';
import { completeTlsSecret } from './complete-tls-secret.ts';
import { names } from './fixture-trust.ts';
import { rotatedTlsSecret } from './rotated-tls-secret.ts';
import { publishedBundle, readTlsSecret, type SecretData } from './tls-secret.ts';

const nowMs = Date.now();
const text = (data: SecretData, key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
const read = (data: SecretData) => readTlsSecret(data, names, nowMs);

async function rotate(data: SecretData, step: 'add' | 'switch' | 'drop'): Promise<SecretData> {
  const { authority, next } = read(data);
  if (authority === undefined) throw new Error('no CA');
  return rotatedTlsSecret(data, { authority, next }, step, names, nowMs);
}

/** What is given to verifiers in each state, and what replicas show. */
let states: readonly { readonly bundle: string; readonly serving: Buffer }[];
let [steady, added, switched, dropped]: SecretData[] = [];
beforeAll(async () => {
  steady = { note: 'mine', ...(await completeTlsSecret({}, {}, names, nowMs)) };
  added = await rotate(steady, 'add');
  switched = await rotate(added, 'switch');
  dropped = await rotate(switched, 'drop');
  states = [steady, added, switched, dropped].map((data) => {
    const { authority, next, serving, problems } = read(data);
    expect(problems).toEqual([]);
    if (authority === undefined || serving === undefined) throw new Error('not whole');
    return { bundle: publishedBundle(authority, next), serving: serving.pair.cert };
  });
});

test('rotatedTlsSecret() adds a next CA beside what is in use, and changes nothing else', () => {
  expect(added).toMatchObject(steady ?? {});
  expect(readBundle(states[1]?.bundle ?? '')).toHaveLength(2);
  expect(states[1]?.bundle.startsWith(states[0]?.bundle ?? '-')).toBe(true);
});

test('rotatedTlsSecret() switches CA, key and serving certificate at once, and trusts both on', () => {
  expect(Object.keys(switched ?? {}).toSorted()).toEqual(Object.keys(steady ?? {}).toSorted());
  expect(switched).toMatchObject({ note: 'mine', 'ca.key': added?.['next-ca.key'] });
  expect(text(switched ?? {}, 'ca.crt')).toBe(states[1]?.bundle);
});

test('rotatedTlsSecret() drops the CA that signs no more, and changes nothing else', () => {
  expect(dropped).toEqual({ ...switched, 'ca.crt': added?.['next-ca.crt'] });
});

test.each([
  [0, 1],
  [1, 2],
  [2, 3],
])('certificates of states %i and %i verify with the bundles of both', (...pair) => {
  for (const shown of pair) {
    for (const held of pair) {
      // The same that a verifier builds: TLS takes it, and one of its CAs has signed the certificate.
      const bundle = states[held]?.bundle ?? '';
      createSecureContext({ ca: bundle });
      const [leaf] = readBundle(states[shown]?.serving.toString() ?? '');
      const verifies = readBundle(bundle).some((ca) => leaf?.checkIssued(ca) && leaf.verify(ca.publicKey));
      expect([shown, held, verifies]).toEqual([shown, held, true]);
    }
  }
});

test('rotatedTlsSecret() refuses a switch without a next CA', async () => {
  await expect(rotate(steady ?? {}, 'switch')).rejects.toThrow('Cannot let the next CA sign: there is none');
});
