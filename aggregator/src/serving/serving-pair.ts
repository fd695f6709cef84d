import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A serving certificate with its chain, and its private key; PEM. */
export interface ServingPair {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/**
 * Reads both files and checks that they belong together.
 * @throws with the flag, the file and what is wrong with it
 */
export function readServingPair(certFile: string, keyFile: string): ServingPair {
  const cert = read('--tls-cert-file', certFile);
  const key = read('--tls-private-key-file', keyFile);
  const certificate = parse('--tls-cert-file', certFile, () => new X509Certificate(cert));
  const privateKey = parse('--tls-private-key-file', keyFile, () => createPrivateKey(key));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`Cannot serve: the key in ${keyFile} is not that of the certificate in ${certFile}`);
  }
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
