import { expect, test } from 'vitest';
import { kubeletOrigin } from './kubelet-url.ts';

const place = { preferredAddressTypes: ['InternalIP', 'Hostname'], port: 10_250, useNodeStatusPort: false };
const node = (addresses: readonly (readonly [string, string])[], kubeletPort?: number) => ({
  name: 'n1',
  addresses: addresses.map(([type, address]) => ({ type, address })),
  ...(kubeletPort === undefined ? {} : { kubeletPort }),
});
const usual = [
  ['Hostname', 'node-1'],
  ['InternalIP', '10.0.0.1'],
  ['InternalIP', 'fd00::1'],
] as const;

test('kubeletOrigin() takes the first type that the node has, and the first address of it', () => {
  expect(kubeletOrigin(node(usual), place)).toBe('https://10.0.0.1:10250');
  expect(kubeletOrigin(node(usual), { ...place, preferredAddressTypes: ['ExternalIP', 'Hostname'] })).toBe(
    'https://node-1:10250',
  );
  expect(kubeletOrigin(node([['InternalIP', 'fd00::1']]), place)).toBe('https://[fd00::1]:10250');
});

test('kubeletOrigin() takes the port of the status where it is told to and there is one', () => {
  const told = { ...place, useNodeStatusPort: true };
  expect(kubeletOrigin(node(usual, 10_350), told)).toBe('https://10.0.0.1:10350');
  expect(kubeletOrigin(node(usual, 10_350), place)).toBe('https://10.0.0.1:10250');
  for (const port of [undefined, 0, 70_000])
    expect(kubeletOrigin(node(usual, port), told)).toBe('https://10.0.0.1:10250');
});

test('kubeletOrigin() says what the node has where it has none of these types', () => {
  const odd = [
    ['ExternalDNS', 'a.example'],
    ['<b>', 'x'],
  ] as const;
  expect(() => kubeletOrigin(node(odd), place)).toThrow(
    'of the types InternalIP, Hostname the node has no address (it has: ExternalDNS): --kubelet-preferred-address-types may name others',
  );
});

test.each(['', 'a/b', 'a:1', 'user@host', '-a', 'a..b/'])(
  'kubeletOrigin() takes "%s" for no address',
  (address) => {
    expect(() => kubeletOrigin(node([['Hostname', address]]), place)).toThrow('has no address');
  },
);
