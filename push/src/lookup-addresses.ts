import { lookup } from 'node:dns/promises';

/**
 * The IP addresses of a name, as this machine resolves names. Of one family only, IPv4 where there is one: a pod of a
 * dual-stack Service has an address of each.
 */
export async function lookupAddresses(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, order: 'ipv4first' });
  return found.filter(({ family }) => family === found[0]?.family).map(({ address }) => address);
}
