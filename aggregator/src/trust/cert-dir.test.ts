import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptLog } from '../fixture-log.ts';
import { readServingPair } from '../serving/serving-pair.ts';
import { certDirFiles } from './cert-dir.ts';

const nowMs = Date.parse('2026-06-01T12:00:00Z');
const names = ['tacho-aggregator.tacho.svc'];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-cert-dir-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function open(path = folder) {
  const { log, lines } = keptLog();
  return { files: certDirFiles({ log, wallMs: () => nowMs }, path, names), lines };
}

test('certDirFiles() writes a self-signed pair as metrics-server does into a folder without one', async () => {
  const { files, lines } = open(join(folder, 'not', 'there'));
  const { certFile, keyFile } = await files;
  expect([certFile, keyFile]).toEqual([
    join(folder, 'not/there/apiserver.crt'),
    join(folder, 'not/there/apiserver.key'),
  ]);
  const certificate = new X509Certificate(readServingPair(certFile, keyFile).cert);
  expect(certificate.subject).toBe(`CN=localhost@${nowMs / 1000}`);
  expect(certificate.subjectAltName).toBe(
    'DNS:localhost, DNS:tacho-aggregator.tacho.svc, IP Address:127.0.0.1',
  );
  expect([certificate.validFromDate.toISOString(), certificate.validToDate.toISOString()]).toEqual([
    '2026-06-01T11:00:00.000Z',
    '2027-06-01T12:00:00.000Z',
  ]);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(lines[0]?.['msg']).toContain('cannot verify it unless they are given it');
});

test('certDirFiles() uses the pair that is there', async () => {
  const first = await open().files;
  const before = readFileSync(first.certFile, 'utf8');
  const { files, lines } = open();
  expect(await files).toEqual(first);
  expect([readFileSync(first.certFile, 'utf8'), lines]).toEqual([before, []]);
});

test.each(['apiserver.crt', 'apiserver.key'])('certDirFiles() does not go on with %s alone', async (name) => {
  writeFileSync(join(folder, name), 'x');
  await expect(open().files).rejects.toThrow(
    new RegExp(`found .*/${name.replace('.', '\\.')} without .*add it, or remove the other`),
  );
});

test('certDirFiles() of a folder that cannot be made says how to mend it', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(open(join(folder, 'file')).files).rejects.toThrow(
    /Cannot write a serving certificate to --cert-dir=.*file: .*mount a folder that can be written to/,
  );
});
