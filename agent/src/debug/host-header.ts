/** `localhost`, `127.0.0.1`, `[::1]`, each with or without a port. */
const authority = /^(?:\[([\da-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/;
const loopback: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/**
 * Whether a request meant this endpoint. A page on the internet can have its own name resolve to 127.0.0.1 and so make
 * the browser of a person with a port-forward read from here (DNS rebinding), but the Host header then has that name.
 * @param addresses other addresses of this endpoint, without brackets
 */
export function isOwnHost(host: string | undefined, addresses: readonly string[]): boolean {
  const [, ipv6, other] = authority.exec(host?.toLowerCase() ?? '') ?? [];
  const name = ipv6 ?? other;
  return name !== undefined && [...loopback, ...addresses].includes(name);
}
