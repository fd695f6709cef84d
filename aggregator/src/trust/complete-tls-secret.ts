import { readTlsSecret, type SecretData, type TlsSecretContent } from './tls-secret.ts';

/**
 * Keeps what of a Secret's data is good, and adds what is missing, unusable or due for renewal: from what is remembered as
 * long as that is good, otherwise new. Whoever cleared the Secret has not cleared the trust of the agents.
 * @param remembered what was in use before, or was made and could not be written
 * @param names DNS names that the serving certificate must carry
 * @returns the same data when nothing was added
 */
export async function completeTlsSecret(
  data: SecretData,
  remembered: SecretData,
  names: readonly string[],
  nowMs: number,
): Promise<SecretData> {
  const read = (candidate: SecretData) => readTlsSecret(candidate, names, nowMs);
  const isFresh = ({ serving }: TlsSecretContent) => serving !== undefined && nowMs <= serving.renewAtMs;

  let whole = data;
  if (read(whole).authority === undefined) whole = { ...data, ...pick(remembered, 'ca') };
  if (read(whole).authority === undefined) {
    const { createAuthority } = await issuer();
    whole = { ...data, ...encode('ca', await createAuthority(nowMs)) };
  }
  if (isFresh(read(whole))) return whole;

  const withPair = { ...whole, ...pick(remembered, 'tls') };
  const content = read(withPair);
  if (isFresh(content)) return withPair;
  const { authority } = content;
  if (authority === undefined) throw new Error('Cannot make a CA: it does not pass the checks of a Secret');
  const { issueServing } = await issuer();
  return { ...whole, ...encode('tls', await issueServing(authority, names, nowMs)) };
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
