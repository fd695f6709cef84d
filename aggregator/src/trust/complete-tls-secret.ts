import { readTlsSecret, type SecretData, type TlsSecretContent } from './tls-secret.ts';

/** Pairs of keys in a Secret's data. */
export type PairName = 'ca' | 'next-ca' | 'tls';

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
  const whole = await withNext(await withAuthority(data, remembered, read, nowMs), remembered, read, nowMs);
  if (isFresh(read(whole))) return whole;

  const withPair = { ...whole, ...pick(remembered, 'tls') };
  const content = read(withPair);
  if (isFresh(content)) return withPair;
  const { authority } = content;
  if (authority === undefined) throw new Error('Cannot make a CA: it does not pass the checks of a Secret');
  const { issueServing } = await issuer();
  return { ...whole, ...encode('tls', await issueServing(authority, names, nowMs)) };
}

type Reads = (candidate: SecretData) => TlsSecretContent;

async function withAuthority(data: SecretData, remembered: SecretData, read: Reads, nowMs: number) {
  const rememberedCa = { ...data, ...pick(remembered, 'ca') };
  for (const candidate of [data, rememberedCa]) if (read(candidate).authority !== undefined) return candidate;
  // What was published as the next CA is trusted already.
  for (const { 'next-ca.crt': crt = '', 'next-ca.key': key = '' } of [data, remembered]) {
    const promoted = without({ ...data, 'ca.crt': crt, 'ca.key': key }, 'next-ca');
    if (read(promoted).authority !== undefined) return promoted;
  }
  const { createAuthority } = await issuer();
  return { ...without(data, 'next-ca'), ...encode('ca', await createAuthority(nowMs)) };
}

/** Where one CA is following another, it goes on with the same, or if that cannot be used, with a new one. */
async function withNext(data: SecretData, remembered: SecretData, read: Reads, nowMs: number) {
  const isRotating = [data, remembered].some(
    (each) => each['ca.key'] === data['ca.key'] && (each['next-ca.crt'] || each['next-ca.key']),
  );
  const whole = keepNext(data, remembered, read);
  if (!isRotating || read(whole).next !== undefined) return whole;
  const { createAuthority } = await issuer();
  return { ...data, ...encode('next-ca', await createAuthority(nowMs)) };
}

/** The same data, with the next CA put back where it has gone from beside the CA that it is to follow. */
export function keepNext(data: SecretData, remembered: SecretData, read: Reads): SecretData {
  if (data['ca.key'] !== remembered['ca.key'] || read(data).next !== undefined) return data;
  const whole = { ...data, ...pick(remembered, 'next-ca') };
  return read(whole).next === undefined ? data : whole;
}

/** Costs a fifth of a second and some megabytes, and most starts need nothing of it. */
export function issuer() {
  return import('./issue-certificates.ts');
}

function pick(data: SecretData, of: PairName): SecretData {
  return { [`${of}.crt`]: data[`${of}.crt`] ?? '', [`${of}.key`]: data[`${of}.key`] ?? '' };
}

export function without(data: SecretData, of: PairName): SecretData {
  return Object.fromEntries(
    Object.entries(data).filter(([key]) => key !== `${of}.crt` && key !== `${of}.key`),
  );
}

export function encode(of: PairName, { certificate, key }: { certificate: string; key: string }): SecretData {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return { [`${of}.crt`]: base64(certificate), [`${of}.key`]: base64(key) };
}
