import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { createPki, type Pki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { type AuthenticationOptions, usualAuthentication } from './authentication-options.ts';
import { ClientTrust } from './client-trust.ts';
import { trustFiles } from './trust-files.ts';

let pki: Pki;
let next: Pki;
let folder: string;
let stop: AbortController;
beforeAll(async () => {
  [pki, next] = await Promise.all([createPki(), createPki()]);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-trust-'));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

function opened(options: Partial<AuthenticationOptions>) {
  const { log, lines } = keptLog();
  const trust = new ClientTrust();
  const times = { pollMs: 20, settleMs: 1 };
  const parts = trustFiles({ log, trust }, { ...usualAuthentication, ...options }, stop.signal, times);
  return { trust, lines, parts };
}

/** Writes a version of a volume as the kubelet does: a new folder, then the exchange of the link to it. */
function mount(version: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, version));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, version, name), text);
  symlinkSync(version, join(folder, '..data_tmp'));
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
}

test('trustFiles() without flags leaves all to what the cluster publishes', () => {
  const { trust, parts } = opened({});
  expect(parts).toEqual({ frontProxy: true, clientCa: true });
  expect(trust.current).toEqual({ frontProxy: undefined, clientCa: undefined });
});

test('trustFiles() leaves nothing to the cluster when it shall not be looked up', () => {
  expect(opened({ skipLookup: true }).parts).toEqual({ frontProxy: false, clientCa: false });
});

test('trustFiles() takes the CA of users from its file, the rest from the cluster', () => {
  const clientCaFile = join(folder, 'ca.crt');
  writeFileSync(clientCaFile, pki.clusterCa.certificate);
  const { trust, parts } = opened({ clientCaFile });
  expect(parts).toEqual({ frontProxy: true, clientCa: false });
  expect(trust.current.clientCa).toMatchObject([{ subject: 'CN=kubernetes' }]);
});

test('trustFiles() takes the names beside the front proxy’s CA, the usual ones where none is given', () => {
  const requestHeaderCaFile = join(folder, 'ca.crt');
  writeFileSync(requestHeaderCaFile, pki.frontProxyCa.certificate);
  const given = {
    allowedNames: ['proxy'],
    usernameHeaders: ['X-User'],
    uidHeaders: ['X-Uid'],
    groupHeaders: [],
  };
  const { trust, parts } = opened({ requestHeaderCaFile, ...given });
  expect(parts).toEqual({ frontProxy: false, clientCa: true });
  expect(trust.current.frontProxy).toMatchObject({
    ...{ ca: [{ subject: 'CN=front-proxy-ca' }], allowedNames: ['proxy'], usernameHeaders: ['x-user'] },
    ...{ uidHeaders: ['x-uid'], groupHeaders: ['x-remote-group'], extraHeaderPrefixes: ['x-remote-extra-'] },
  });
});

test.each([
  ['gone', undefined, /ENOENT/],
  ['empty', '', /holds no certificate/],
  ['broken', 'x', /holds no certificate/],
])('trustFiles() throws with the flag when a file is %s to begin with', (_, text, why) => {
  const clientCaFile = join(folder, 'ca.crt');
  if (text !== undefined) writeFileSync(clientCaFile, text);
  expect(() => opened({ clientCaFile })).toThrow(
    /Cannot use --client-ca-file=.*expected a PEM bundle of CAs/,
  );
  expect(() => opened({ clientCaFile })).toThrow(why);
});

test('trustFiles() follows an exchange of a mounted volume, and keeps the last good CA through a broken one', async () => {
  mount('..v1', { 'ca.crt': pki.clusterCa.certificate });
  symlinkSync('..data/ca.crt', join(folder, 'ca.crt'));
  const { trust, lines } = opened({ clientCaFile: join(folder, 'ca.crt') });
  mount('..v2', { 'ca.crt': pki.clusterCa.certificate + next.clusterCa.certificate });
  await eventually(() => expect(trust.current.clientCa).toHaveLength(2));
  const good = trust.current;
  mount('..v3', { 'ca.crt': 'broken' });
  await eventually(() =>
    expect(lines).toMatchObject([{ level: 50, reason: expect.stringMatching(/--client-ca-file/) }]),
  );
  mount('..v4', {});
  await eventually(() => expect(lines).toHaveLength(2));
  expect(trust.current).toBe(good);
  mount('..v5', { 'ca.crt': next.clusterCa.certificate });
  await eventually(() => expect(trust.current.clientCa).toHaveLength(1));
});
