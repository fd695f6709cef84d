import { X509Certificate } from 'node:crypto';
import type { ServingPair } from './serving-pair.ts';

/** One --tls-sni-cert-key. */
export interface SniFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Names that it is shown for, `*.example.com` among them; none for those of the certificate. */
  readonly names: readonly string[];
}

/** A pair that is shown only to clients that ask for one of its names. */
export interface SniPair {
  readonly pair: ServingPair;
  readonly names: readonly string[];
}

/**
 * Which of the pairs answers for which name, lower case. Of two pairs with one name the first has it, and a name that was
 * given goes before one that a certificate has.
 */
export function sniPairsByName(pairs: readonly SniPair[]): ReadonlyMap<string, ServingPair> {
  const byName = new Map<string, ServingPair>();
  const add = (names: readonly string[], pair: ServingPair) => {
    for (const name of names.map((each) => each.toLowerCase())) if (!byName.has(name)) byName.set(name, pair);
  };
  for (const { pair, names } of pairs) add(names, pair);
  for (const { pair, names } of pairs) if (names.length === 0) add(namesOf(pair), pair);
  return byName;
}

/** What stands under a server's name in such a map: under the name itself, else with a wildcard for its first label. */
export function findByServerName<Value>(
  byName: ReadonlyMap<string, Value>,
  serverName: string,
): Value | undefined {
  const name = serverName.toLowerCase().replace(/\.+$/, '');
  return byName.get(name) ?? byName.get(name.replace(/^[^.]*/, '*'));
}

function namesOf({ cert }: ServingPair): string[] {
  const { subject, subjectAltName = '' } = new X509Certificate(cert);
  const alternative = [...subjectAltName.matchAll(/(?:^|, )DNS:([^",]+)/g)].map(([, name]) => name ?? '');
  const common = /^CN=([\w*.-]+)$/m.exec(subject ?? '')?.[1];
  return common === undefined ? alternative : [common, ...alternative];
}
