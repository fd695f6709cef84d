import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { errorWords } from '@tacho/command-line';
import { readToken } from '../../../push/src/token-file.ts';
import { PullFailed } from './pull-problem.ts';

/** By what kubelets are verified, and how the puller proves itself to them. */
export interface CredentialFiles {
  /** PEM bundle that a kubelet's certificate must chain to. */
  readonly certificateAuthority: string;
  /** Both or none; with them no token is shown. */
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  /** The token of the pod's ServiceAccount; the kubelet of the puller's own node renews it. */
  readonly tokenFile: string;
  /** Whether kubelets are believed, and shown the token, without being verified. */
  readonly insecure: boolean;
}

/** What the files hold now, for all kubelets. */
export class KubeletCredentials {
  readonly #files: CredentialFiles;
  #context: SecureContext | undefined;
  #texts: readonly Buffer[] = [];

  constructor(files: CredentialFiles) {
    this.#files = files;
  }

  /**
   * For a connection. The files are read anew for each; the context, which costs 50 KiB, is one for all as long as they are
   * the same.
   * @throws PullFailed where a file cannot be used
   */
  tlsOptions(): { readonly secureContext: SecureContext; readonly rejectUnauthorized: boolean } {
    const { certificateAuthority, clientCertificate, clientKey, insecure } = this.#files;
    return fromFiles(() => {
      const names = [insecure ? undefined : certificateAuthority, clientCertificate, clientKey];
      const texts = names.map((name) => (name === undefined ? Buffer.alloc(0) : readFileSync(name)));
      const isSame =
        this.#texts.length > 0 && texts.every((text, at) => text.equals(this.#texts[at] as Buffer));
      if (this.#context === undefined || !isSame) {
        const [ca, cert, key] = texts.map((text) => (text.length === 0 ? undefined : text));
        this.#context = createSecureContext({
          // An empty file verifies nobody; it must not stand for the CAs that Node knows.
          ...(insecure ? {} : { ca: ca ?? [] }),
          ...(cert === undefined || key === undefined ? {} : { cert, key }),
        });
        this.#texts = texts;
      }
      return { secureContext: this.#context, rejectUnauthorized: !insecure };
    });
  }

  /** For a request; undefined where the connection says who asks. @throws PullFailed where the token cannot be read */
  authorization(): string | undefined {
    const { clientCertificate, tokenFile } = this.#files;
    return clientCertificate === undefined ? fromFiles(() => `Bearer ${readToken(tokenFile)}`) : undefined;
  }
}

function fromFiles<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new PullFailed(
      'credentials',
      `with what the puller must prove and verify cannot be read: ${errorWords(error)}`,
    );
  }
}
