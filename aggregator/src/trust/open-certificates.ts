import {
  type Certificates,
  type SelfManagedDeps,
  type SelfManagedOptions,
  selfManagedCertificates,
  type TrustObjects,
} from './certificates.ts';
import { certDirCertificates, fileCertificates } from './file-certificates.ts';
import type { FollowedPairDeps, TlsFiles } from './followed-pair.ts';
import type { ServiceNames } from './service-names.ts';

/** Where the certificate of both listeners comes from. */
export type TlsConfig =
  | ({ readonly kind: 'files' } & TlsFiles)
  | { readonly kind: 'cert-dir'; readonly folder: string }
  | ({ readonly kind: 'self-managed' } & TrustObjects & Pick<SelfManagedOptions, 'rotation'>);

/** Certificates from wherever the flags say. @throws as the function that they choose */
export async function openCertificates(
  deps: SelfManagedDeps & FollowedPairDeps,
  tls: TlsConfig,
  { namespace, service, ingestService }: ServiceNames,
  signal: AbortSignal,
): Promise<Certificates> {
  const names = { namespace, service, ingestService };
  switch (tls.kind) {
    case 'files':
      return fileCertificates(deps, tls, {}, signal);
    case 'cert-dir':
      return certDirCertificates(deps, tls.folder, names, signal);
    case 'self-managed':
      return selfManagedCertificates(deps, { ...names, ...tls }, signal);
  }
}
