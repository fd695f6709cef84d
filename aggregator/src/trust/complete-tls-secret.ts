import { readTlsSecret, type SecretData, type TlsSecretContent } from './tls-secret.ts';

/** The whole data that a Secret should have, and in words what was put into it; no words: it is complete. */
export interface Completed {
  readonly data: SecretData;
  readonly added: readonly string[];
}

/**
 * Keeps what of a Secret's data is good, and adds what is missing, unusable or due for renewal: from what is remembered as
 * long as that is good, otherwise new. Whoever cleared the Secret has not cleared the trust of the agents.
 * @param remembered what was in use before, or was made and could not be written
 * @param names DNS names that the serving certificate must carry
 */
export async function completeTlsSecret(
  data: SecretData,
  remembered: SecretData,
  names: readonly string[],
  nowMs: number,
): Promise<Completed> {
  const read = (candidate: SecretData) => readTlsSecret(candidate, names, nowMs);
  const isFresh = ({ serving }: TlsSecretContent) => serving !== undefined && nowMs <= serving.renewAtMs;
  let whole = data;
  const added: string[] = [];

  if (read(whole).authority === undefined) {
    const inUse = { ...whole, ...pick(remembered, 'ca') };
    const isGood = read(inUse).authority !== undefined;
    whole = isGood ? inUse : { ...whole, ...encode('ca', await (await issuer()).createAuthority(nowMs)) };
    added.push(isGood ? 'the CA in use' : 'a new CA');
  }

  const content = read(whole);
  if (isFresh(content) || content.authority === undefined) return { data: whole, added };
  const inUse = { ...whole, ...pick(remembered, 'tls') };
  const isGood = isFresh(read(inUse));
  whole = isGood
    ? inUse
    : { ...whole, ...encode('tls', await (await issuer()).issueServing(content.authority, names, nowMs)) };
  added.push(isGood ? 'the serving certificate in use' : 'a new serving certificate');
  return { data: whole, added };
}

/** Costs a fifth of a second and some megabytes, and most starts need nothing of it. */
function issuer() {
  return import('./issue-certificates.ts');
}

function pick(data: SecretData, of: 'ca' | 'tls'): SecretData {
  return { [`${of}.crt`]: data[`${of}.crt`] ?? '', [`${of}.key`]: data[`${of}.key`] ?? '' };
}

function encode(of: 'ca' | 'tls', { certificate, key }: { certificate: string; key: string }): SecretData {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return { [`${of}.crt`]: base64(certificate), [`${of}.key`]: base64(key) };
}
