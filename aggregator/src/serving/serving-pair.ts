import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** A serving certificate with its chain, and its private key; PEM. */
export interface ServingPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** Flags that named the two files, for messages. */
export interface PairFlags {
  readonly cert: string;
  readonly key: string;
}

const usualFlags: PairFlags = { cert: '--tls-cert-file', key: '--tls-private-key-file' };

/**
 * Reads both files and checks that they belong together.
 * @throws with the flag, the file and what is wrong with it
 */
export function readServingPair(
  certFile: string,
  keyFile: string,
  flags: PairFlags = usualFlags,
): ServingPair {
  const cert = read(flags.cert, certFile);
  const key = read(flags.key, keyFile);
  const certificate = parse(flags.cert, certFile, () => new X509Certificate(cert));
  const privateKey = parse(flags.key, keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`Cannot serve: the key in ${keyFile} is not that of the certificate in ${certFile}`);
  }
  // The whole chain, as the listeners will load it.
  parse(flags.cert, certFile, () => createSecureContext({ cert, key }));
  return { cert, key };
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`Cannot read ${flag}=${file}: ${reasonOf(error)}`);
  }
}

function parse<Value>(flag: string, file: string, attempt: () => Value): Value {
  try {
    return attempt();
  } catch (error) {
    throw new Error(`Cannot use ${flag}=${file}: expected PEM, ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
