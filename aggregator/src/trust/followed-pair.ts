import { X509Certificate } from 'node:crypto';
import type { Logger } from 'pino';
import { type WatchTimes, watchFiles } from '../files/watch-files.ts';
import { type PairFlags, readServingPair, type ServingPair } from '../serving/serving-pair.ts';

/** Files of one pair, PEM. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface FollowedPairDeps {
  readonly log: Logger;
  /** Told of each change of the files: whether its pair is shown now. A fault that lasts is told once. */
  readonly onReload?: ((ok: boolean) => void) | undefined;
}

export interface FollowedPairOptions extends WatchTimes {
  /** Flags that named the files, for messages. */
  readonly flags?: PairFlags;
}

/**
 * The pair in two files, and every later one. The two are taken only together, when the key is that of the certificate:
 * while one of them is half-written, foreign or gone, the pair before is kept.
 */
export class FollowedPair {
  readonly #deps: FollowedPairDeps;
  readonly #files: TlsFiles;
  readonly #flags: PairFlags | undefined;
  readonly #users = new Set<(pair: ServingPair) => void>();
  #current: ServingPair;
  #fault: string | undefined;

  /** @throws with the flag, the file and what is wrong with it */
  constructor(
    deps: FollowedPairDeps,
    files: TlsFiles,
    { flags, ...times }: FollowedPairOptions,
    signal: AbortSignal,
  ) {
    this.#deps = deps;
    this.#files = files;
    this.#flags = flags;
    this.#current = this.#read();
    watchFiles([files.certFile, files.keyFile], () => this.#look(), times, signal);
  }

  get current(): ServingPair {
    return this.#current;
  }

  /** Has the callback told each pair from now on, the current one at once. */
  follow(use: (pair: ServingPair) => void): void {
    use(this.#current);
    this.onChange(use);
  }

  /** Has the callback told each pair after the current one. */
  onChange(use: (pair: ServingPair) => void): void {
    this.#users.add(use);
  }

  #read(): ServingPair {
    return readServingPair(this.#files.certFile, this.#files.keyFile, this.#flags);
  }

  #look(): void {
    const { log, onReload } = this.#deps;
    let pair: ServingPair;
    try {
      pair = this.#read();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === this.#fault) return;
      this.#fault = reason;
      log.warn(
        { ...this.#files, reason },
        'cannot take the serving certificate from its files; the one before is shown on',
      );
      onReload?.(false);
      return;
    }
    if (pair.cert.equals(this.#current.cert) && pair.key.equals(this.#current.key)) {
      if (this.#fault !== undefined)
        log.info(this.#files, 'the files hold the serving certificate that is shown');
      this.#fault = undefined;
      return;
    }
    this.#fault = undefined;
    this.#current = pair;
    const { subject, validTo } = new X509Certificate(pair.cert);
    log.info({ ...this.#files, subject, validTo }, 'new connections are shown a new serving certificate');
    for (const use of this.#users) use(pair);
    onReload?.(true);
  }
}
