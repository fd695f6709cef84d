import type { AddressInfo, Server } from 'node:net';

/** Errors of a machine without IPv6, where `::` does not stand for all addresses. */
const noIpv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/** Where to listen. */
export interface PortToOpen {
  /** 0 takes a free one. */
  readonly port: number;
  /** An IP address; `::` is every address that the machine has. */
  readonly host: string;
  readonly backlog?: number;
}

/**
 * Listens.
 * @param notAccepted told of each connection that could not be accepted, for want of memory or descriptors: whoever wanted it
 * comes again, and to the others it is nothing
 * @returns the port that was bound
 */
export async function openPort(
  server: Server,
  wanted: PortToOpen,
  notAccepted: (error: NodeJS.ErrnoException) => void,
): Promise<number> {
  const listen = (host: string) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ ...wanted, host }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  try {
    await listen(wanted.host);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (wanted.host !== '::' || !noIpv6.has(code)) throw error;
    await listen('0.0.0.0');
  }
  server.on('error', notAccepted);
  return (server.address() as AddressInfo).port;
}
