import { isIP, isIPv6 } from 'node:net';

/** `host:port` or `[ip]:port` in its two parts; the IP without brackets. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Undefined for anything that is not a host, a colon and a port from 1 to 65535. */
export function parseHostPort(text: string): HostPort | undefined {
  const { bracketed, plain, digits } =
    /^(?:\[(?<bracketed>[\da-fA-F:.]+)\]|(?<plain>[^:[\]/\s]+)):(?<digits>\d{1,5})$/.exec(text)?.groups ?? {};
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535 || (bracketed !== undefined && !isIPv6(bracketed))) {
    return undefined;
  }
  return { host, port };
}

/** One spelling for each address: streams are told apart by it. Undefined where the host is no IP address. */
export function replicaAddress({ host, port }: HostPort): string | undefined {
  switch (isIP(host)) {
    case 4:
      return `${host}:${port}`;
    case 6:
      // URLs know the canonical form of RFC 5952.
      return `${new URL(`http://[${host}]`).hostname}:${port}`;
    default:
      return undefined;
  }
}
