import { isIPv4, isIPv6 } from 'node:net';
import { expect, test } from 'vitest';
import { lookupAddresses } from './lookup-addresses.ts';

test('lookupAddresses() of a name that every machine knows gives IP addresses of one family', async () => {
  const addresses = await lookupAddresses('localhost');
  expect(addresses.length).toBeGreaterThan(0);
  expect(addresses.every(isIPv4) || addresses.every(isIPv6)).toBe(true);
});

test('lookupAddresses() rejects for a name that cannot be', async () => {
  await expect(lookupAddresses('tacho..invalid')).rejects.toThrow(/tacho\.\.invalid/);
});
