import type { SniFiles, SniPair } from '../serving/sni-pairs.ts';
import { FollowedPair, type FollowedPairDeps, type FollowedPairOptions } from './followed-pair.ts';

const flags = { cert: '--tls-sni-cert-key, certificate', key: '--tls-sni-cert-key, key' };

/**
 * The pairs of --tls-sni-cert-key, followed until the signal says stop.
 * @param use told all of them at once and after each change of one
 * @throws with the file and what is wrong with it
 */
export function followSniPairs(
  deps: FollowedPairDeps,
  sni: readonly SniFiles[],
  use: (pairs: readonly SniPair[]) => void,
  options: Omit<FollowedPairOptions, 'flags'>,
  signal: AbortSignal,
): void {
  const followed = sni.map(({ names, ...files }) => ({
    names,
    files: new FollowedPair(deps, files, { ...options, flags }, signal),
  }));
  const tell = () => use(followed.map(({ names, files }) => ({ names, pair: files.current })));
  tell();
  for (const { files } of followed) files.onChange(tell);
}
