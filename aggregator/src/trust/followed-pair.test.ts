import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import {
  type CertificateAndKey,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { keptLog } from '../fixture-log.ts';
import { mountPair } from './fixture-pair-files.ts';
import { FollowedPair } from './followed-pair.ts';

const pairs: CertificateAndKey[] = [];
beforeAll(async () => {
  const ca = await createCertificateAuthority('test');
  for (let count = 0; count < 3; count += 1) pairs.push(await ca.issueServing(['localhost']));
});
const pairAt = (index: number) => pairs[index] as CertificateAndKey;

let stop = new AbortController();
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

/** Follows a mounted pair, by events alone unless a poll is asked for. */
function follow(times: { pollMs?: number } = {}) {
  const mount = mountPair(pairAt(0));
  const { log, lines } = keptLog();
  const reloads: boolean[] = [];
  const shown: string[] = [];
  const pair = new FollowedPair(
    { log, onReload: (ok) => reloads.push(ok) },
    mount.files,
    { settleMs: 5, ...times },
    stop.signal,
  );
  pair.follow(({ cert }) => shown.push(cert.toString()));
  const messages = () => lines.map(({ msg, reason }) => `${msg}${reason === undefined ? '' : `: ${reason}`}`);
  return { mount, pair, lines, reloads, shown, messages, [Symbol.dispose]: () => mount[Symbol.dispose]() };
}

test('FollowedPair takes what a mounted Secret is exchanged for', async () => {
  using followed = follow();
  followed.mount.exchange(pairAt(1));
  await eventually(() => expect(followed.shown).toEqual([pairAt(0).certificate, pairAt(1).certificate]));
  expect(followed.pair.current.key.toString()).toBe(pairAt(1).key);
  expect(followed.reloads).toEqual([true]);
  expect(followed.messages()).toEqual(['new connections are shown a new serving certificate']);
});

test('FollowedPair keeps the pair before while the key is another’s, says so once, and takes the key when it comes', async () => {
  using followed = follow();
  const half = { certificate: pairAt(1).certificate, key: pairAt(0).key };
  followed.mount.exchange(half);
  await eventually(() => expect(followed.reloads).toEqual([false]));
  followed.mount.exchange(half);
  followed.mount.exchange(pairAt(1));
  await eventually(() => expect(followed.reloads).toEqual([false, true]));
  expect(followed.shown).toEqual([pairAt(0).certificate, pairAt(1).certificate]);
  expect(followed.messages()).toEqual([
    expect.stringMatching(
      /^cannot take the serving certificate .*the key in .* is not that of the certificate in /,
    ),
    'new connections are shown a new serving certificate',
  ]);
});

const half = (pem: string) => pem.slice(0, pem.length / 2);
test.each([
  [
    'a certificate cut off',
    () => ({ ...pairAt(1), certificate: half(pairAt(1).certificate) }),
    /tls\.crt: expected PEM/,
  ],
  ['a key cut off', () => ({ ...pairAt(1), key: half(pairAt(1).key) }), /tls\.key: expected PEM/],
  [
    'a chain cut off',
    () => ({ ...pairAt(1), certificate: pairAt(1).certificate + half(pairAt(2).certificate) }),
    /tls\.crt: expected PEM/,
  ],
  ['nothing', () => ({ certificate: '', key: '' }), /tls\.crt: expected PEM/],
])('FollowedPair keeps the pair before when the files hold %s', async (_what, content, reason) => {
  using followed = follow();
  followed.mount.exchange(content());
  await eventually(() => expect(followed.reloads).toEqual([false]));
  expect(followed.shown).toEqual([pairAt(0).certificate]);
  expect(followed.messages()[0]).toMatch(reason);
  expect(JSON.stringify(followed.lines)).not.toContain('PRIVATE KEY');
});

test('FollowedPair keeps the pair of files that were deleted, and says when the same ones are back', async () => {
  using followed = follow({ pollMs: 10 });
  rmSync(followed.mount.files.keyFile);
  await eventually(() => expect(followed.reloads).toEqual([false]));
  expect(followed.messages()[0]).toMatch(/Cannot read --tls-private-key-file=.*ENOENT/);
  symlinkSync('..data/tls.key', followed.mount.files.keyFile);
  await eventually(() => expect(followed.messages()).toHaveLength(2));
  expect(followed.messages()[1]).toBe('the files hold the serving certificate that is shown');
  expect([followed.reloads, followed.shown]).toEqual([[false], [pairAt(0).certificate]]);
});

test('FollowedPair takes files that are written in place, one after the other', async () => {
  using followed = follow();
  const { certFile, keyFile } = followed.mount.files;
  writeFileSync(certFile, pairAt(1).certificate);
  await eventually(() => expect(followed.shown.length + followed.reloads.length).toBeGreaterThan(0));
  writeFileSync(keyFile, pairAt(1).key);
  // Their folder is only a link's target: what is written into it is no event of the folder that is watched.
  followed.mount.exchange(pairAt(1));
  await eventually(() => expect(followed.shown.at(-1)).toBe(pairAt(1).certificate));
});

test('new FollowedPair() of a file that is not there says which, and by which flag it was named', () => {
  const { log } = keptLog();
  const open = () =>
    new FollowedPair(
      { log },
      { certFile: '/nowhere/a.crt', keyFile: '/nowhere/a.key' },
      { flags: { cert: '--tls-sni-cert-key, certificate', key: '--tls-sni-cert-key, key' } },
      stop.signal,
    );
  expect(open).toThrow('Cannot read --tls-sni-cert-key, certificate=/nowhere/a.crt: ENOENT');
});
