import type { Server, Socket } from 'node:net';

/**
 * Bounds a server's connections by ending the one that has been open the longest when one more comes. With `maxConnections`
 * of Node the new one would be dropped instead, and whoever holds that many would keep everybody else out.
 */
export function makeRoomForNew(server: Server, mostConnections: number): void {
  const open = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    const [oldest] = open;
    if (oldest !== undefined && open.size >= mostConnections) {
      open.delete(oldest);
      oldest.destroy();
    }
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
}
