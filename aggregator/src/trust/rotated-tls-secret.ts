import { encode, issuer, without } from './complete-tls-secret.ts';
import type { Authority, SecretData } from './tls-secret.ts';

/** The CAs of a Secret, as it was read. */
export interface Authorities {
  readonly authority: Authority;
  readonly next: Authority | undefined;
}

/**
 * A Secret's data after one step of the rotation.
 * @param names DNS names that the serving certificate must carry
 * @throws for a switch without a next CA
 */
export async function rotatedTlsSecret(
  data: SecretData,
  { authority, next }: Authorities,
  step: 'add' | 'switch' | 'drop',
  names: readonly string[],
  nowMs: number,
): Promise<SecretData> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const { createAuthority, issueServing } = await issuer();
  switch (step) {
    case 'add':
      return { ...data, ...encode('next-ca', await createAuthority(nowMs)) };
    case 'switch':
      if (next === undefined) throw new Error('Cannot let the next CA sign: there is none');
      return {
        ...without(data, 'next-ca'),
        // As it is published: nothing changes for verifiers.
        'ca.crt': base64(`${authority.signer}${next.signer}`),
        'ca.key': data['next-ca.key'] ?? '',
        ...encode('tls', await issueServing(next, names, nowMs)),
      };
    case 'drop':
      return { ...data, 'ca.crt': base64(`${authority.signer}`) };
  }
}
