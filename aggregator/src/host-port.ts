/** An address to listen on, as gRPC takes it: `ip:port` or `[ip]:port`. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
