import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { type WatchTimes, watchFiles } from '../files/watch-files.ts';
import { type AuthenticationOptions, usualAuthentication } from './authentication-options.ts';
import type { ClientTrust } from './client-trust.ts';
import type { PublishedParts } from './published-trust.ts';
import type { FrontProxyHeaders } from './trust.ts';

/** What following the files needs. */
export interface TrustFilesDeps {
  readonly log: Logger;
  readonly trust: ClientTrust;
}

/**
 * Takes the CAs that flags name from their files, and follows the files until the signal says stop. A file that is empty,
 * broken or gone later on changes nothing: the last good one stays.
 * @returns which parts of the trust are left to what the cluster publishes
 * @throws with the flag, the file and what is wrong with it, where it cannot be used to begin with
 */
export function trustFiles(
  { log, trust }: TrustFilesDeps,
  options: AuthenticationOptions,
  signal: AbortSignal,
  times: WatchTimes = {},
): PublishedParts {
  const { clientCaFile, requestHeaderCaFile, skipLookup } = options;
  const follow = (flag: string, file: string, take: (pem: string) => void) => {
    const read = () => {
      try {
        take(readFileSync(file, 'utf8'));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`Cannot use ${flag}=${file}: expected a PEM bundle of CAs, ${reason}`);
      }
    };
    read();
    let fault = '';
    const look = () => {
      try {
        read();
        fault = '';
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (reason !== fault) log.error({ reason }, 'CAs cannot be read anew, keeping the last good ones');
        fault = reason;
      }
    };
    watchFiles([file], look, times, signal);
  };
  if (clientCaFile !== undefined) follow('--client-ca-file', clientCaFile, (pem) => trust.setClientCa(pem));
  if (requestHeaderCaFile !== undefined) {
    trust.setFrontProxyHeaders(givenNames(options));
    follow('--requestheader-client-ca-file', requestHeaderCaFile, (pem) => trust.setFrontProxyCa(pem));
  }
  return {
    frontProxy: requestHeaderCaFile === undefined && !skipLookup,
    clientCa: clientCaFile === undefined && !skipLookup,
  };
}

/** Without a header of users nobody could be named: then the usual ones count, as for metrics-server. */
function givenNames(options: AuthenticationOptions): FrontProxyHeaders {
  const { usernameHeaders, groupHeaders, extraHeaderPrefixes } = usualAuthentication;
  const given = (names: readonly string[], usual: readonly string[]) => (names.length === 0 ? usual : names);
  return {
    allowedNames: options.allowedNames,
    usernameHeaders: given(options.usernameHeaders, usernameHeaders),
    uidHeaders: options.uidHeaders,
    groupHeaders: given(options.groupHeaders, groupHeaders),
    extraHeaderPrefixes: given(options.extraHeaderPrefixes, extraHeaderPrefixes),
  };
}
