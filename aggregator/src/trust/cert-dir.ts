import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { TlsFiles } from './followed-pair.ts';

export interface CertDirDeps {
  readonly log: Logger;
  readonly wallMs: () => number;
}

/**
 * The pair in --cert-dir, as apiserver's MaybeDefaultWithSelfSignedCerts has it: `apiserver.crt` and `apiserver.key`
 * where they are there, else a self-signed pair that is written there. Nobody who has not been given that certificate can
 * verify it.
 * @param names DNS names, beside localhost, for those who have
 * @throws when only one of the two is there, or the folder cannot be written to
 */
export async function certDirFiles(
  { log, wallMs }: CertDirDeps,
  folder: string,
  names: readonly string[],
): Promise<TlsFiles> {
  const files = { certFile: join(folder, 'apiserver.crt'), keyFile: join(folder, 'apiserver.key') };
  const [hasCert, hasKey] = [existsSync(files.certFile), existsSync(files.keyFile)];
  if (hasCert && hasKey) return files;
  if (hasCert !== hasKey) {
    const [found, missing] = hasCert ? [files.certFile, files.keyFile] : [files.keyFile, files.certFile];
    throw new Error(
      `Cannot use --cert-dir=${folder}: expected a certificate and its key, found ${found} without ${missing}; add it, or remove the other for a new pair`,
    );
  }
  // Loaded only now: most starts need nothing of it.
  const { issueSelfSigned } = await import('./issue-certificates.ts');
  const { certificate, key } = await issueSelfSigned(names, wallMs());
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(files.keyFile, key, { mode: 0o600 });
    writeFileSync(files.certFile, certificate);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `Cannot write a serving certificate to --cert-dir=${folder}: ${reason}; mount a folder that can be written to, or leave --cert-dir out`,
    );
  }
  log.warn(
    files,
    'wrote a self-signed serving certificate; agents and kube-apiserver cannot verify it unless they are given it',
  );
  return files;
}
