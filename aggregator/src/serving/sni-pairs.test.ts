import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import {
  type CertificateAndKey,
  createCertificateAuthority,
} from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { startApiServer } from './fixture-api-server.ts';
import { findByServerName, sniPairsByName } from './sni-pairs.ts';

const pairOf = ({ certificate, key }: CertificateAndKey) => ({
  cert: Buffer.from(certificate),
  key: Buffer.from(key),
});

test('findByServerName() takes the exact name before a wildcard, given names before those of a certificate, the first pair first', async () => {
  const ca = await createCertificateAuthority('test');
  const [a, b, c, d] = await Promise.all([
    ca.issueServing(['a.example.com', '*.example.com', '10.0.0.1']),
    ca.issueServing(['b.example.com']),
    ca.issueServing(['x']),
    ca.issueServing(['b.example.com', 'a.example.com']),
  ]);
  const [pairA, pairB, pairC, pairD] = [pairOf(a), pairOf(b), pairOf(c), pairOf(d)];
  const byName = sniPairsByName([
    { pair: pairA, names: [] },
    { pair: pairB, names: [] },
    { pair: pairC, names: ['A.example.com', '*.other.org'] },
    { pair: pairD, names: [] },
  ]);
  const find = (name: string) => findByServerName(byName, name);
  expect(find('a.example.com')).toBe(pairC);
  expect(find('A.Example.Com.')).toBe(pairC);
  expect(find('b.example.com')).toBe(pairB);
  expect(find('any.example.com')).toBe(pairA);
  expect(find('any.other.org')).toBe(pairC);
  expect(find('deep.any.example.com')).toBeUndefined();
  expect(find('example.com')).toBeUndefined();
  expect(find('10.0.0.1')).toBeUndefined();
});

test('an ApiServer shows the pair of the name that a client asks for, the usual one to the others', async () => {
  await using api = await startApiServer();
  const { servingCa } = api.pki;
  const own = await servingCa.issueServing(['metrics.example.com']);
  const next = await servingCa.issueServing(['metrics.example.com']);
  const shown = async (servername: string) => {
    const socket = connect({ host: '127.0.0.1', port: api.port, servername, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const certificate = socket.getPeerX509Certificate()?.toString();
    socket.destroy();
    return certificate;
  };
  const usual = await shown('else.example.com');
  api.server.serveSni([{ pair: pairOf(own), names: [] }]);
  expect(await shown('metrics.example.com')).toBe(own.certificate);
  expect(await shown('else.example.com')).toBe(usual);
  api.server.serveSni([{ pair: pairOf(next), names: ['*.example.com'] }]);
  expect(await shown('metrics.example.com')).toBe(next.certificate);
  expect(await shown('else.example.com')).toBe(next.certificate);
  expect(await shown('else.org')).toBe(usual);
});
