import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHostPort, replicaAddress } from './replica-address.ts';

test.each([
  ['tacho-ingest.kube-system.svc:10251', { host: 'tacho-ingest.kube-system.svc', port: 10_251 }],
  ['10.0.0.1:1', { host: '10.0.0.1', port: 1 }],
  ['[fd00::1]:65535', { host: 'fd00::1', port: 65_535 }],
])('parseHostPort() of %s', (text, parsed) => expect(parseHostPort(text)).toEqual(parsed));

test.each([
  '',
  ':1',
  'a',
  'a:',
  'a:0',
  'a:65536',
  'a:1x',
  'a b:1',
  'fd00::1:1',
  '[fd00::1]',
  '[10.0.0.1]:1',
  '[::g]:1',
  'a:-1',
  '\na:1',
])('parseHostPort() refuses %j', (text) => expect(parseHostPort(text)).toBeUndefined());

test.each([
  ['10.0.0.1:10251', '10.0.0.1:10251'],
  ['[FD00:0:0::0001]:10251', '[fd00::1]:10251'],
  ['[::ffff:10.0.0.1]:1', '[::ffff:a00:1]:1'],
  ['localhost:1', undefined],
  ['10.0.0.256:1', undefined],
])('replicaAddress() of %s is %s', (text, address) => {
  const parsed = parseHostPort(text);
  expect(parsed && replicaAddress(parsed)).toBe(address);
});

test('replicaAddress() is one spelling for each address', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (host, port) => {
      const address = replicaAddress({ host, port }) ?? '';
      const again = parseHostPort(address);
      expect(again && replicaAddress(again)).toBe(address);
    }),
  );
});
