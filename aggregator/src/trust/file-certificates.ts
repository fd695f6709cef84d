import { certDirFiles } from './cert-dir.ts';
import type { Certificates } from './certificates.ts';
import {
  FollowedPair,
  type FollowedPairDeps,
  type FollowedPairOptions,
  type TlsFiles,
} from './followed-pair.ts';
import { type ServiceNames, servingNames } from './service-names.ts';

/**
 * What two files hold, followed until the signal says stop.
 * @throws with the flag, the file and what is wrong with it
 */
export function fileCertificates(
  deps: FollowedPairDeps,
  files: TlsFiles,
  options: FollowedPairOptions,
  signal: AbortSignal,
): Certificates {
  const pair = new FollowedPair(deps, files, options, signal);
  return {
    first: pair.current,
    loaded: () => true,
    follow: (use) => pair.follow(use),
    ended: Promise.resolve(),
  };
}

/** What is in --cert-dir, or is made there; followed like files. @throws as `certDirFiles` and `fileCertificates` do */
export async function certDirCertificates(
  deps: FollowedPairDeps & { readonly wallMs: () => number },
  folder: string,
  names: ServiceNames,
  signal: AbortSignal,
): Promise<Certificates> {
  const files = await certDirFiles(deps, folder, servingNames(names));
  const flag = `--cert-dir=${folder}, file`;
  return fileCertificates(deps, files, { flags: { cert: flag, key: flag } }, signal);
}
