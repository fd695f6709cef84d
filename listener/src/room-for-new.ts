import type { Server, Socket } from 'node:net';

/**
 * Bounds a server's connections by ending one when one more comes: of the address that has the most of them the one that
 * has been open the longest. With `maxConnections` of Node the new one would be dropped instead, and whoever holds that many
 * would keep everybody else out; and were it simply the oldest, whoever opens that many at once would end everybody else's.
 */
export function makeRoomForNew(server: Server, mostConnections: number): void {
  const open = new Map<string, Set<Socket>>();
  let count = 0;
  const forget = (address: string, socket: Socket) => {
    const sockets = open.get(address);
    if (!sockets?.delete(socket)) return;
    count -= 1;
    if (sockets.size === 0) open.delete(address);
  };
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const sockets = open.get(address) ?? new Set();
    open.set(address, sockets.add(socket));
    count += 1;
    socket.once('close', () => forget(address, socket));
    if (count <= mostConnections) return;
    let [crowdAt, crowd] = [address, sockets];
    for (const [at, each] of open) if (each.size > crowd.size) [crowdAt, crowd] = [at, each];
    const [oldest] = crowd;
    if (oldest === undefined) return;
    forget(crowdAt, oldest);
    oldest.destroy();
  });
}
