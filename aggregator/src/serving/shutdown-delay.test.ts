import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { createPki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { startApiServer } from './fixture-api-server.ts';
import { ShutdownDelay } from './shutdown-delay.ts';

type Replica = Awaited<ReturnType<typeof startApiServer>>;

test('ShutdownDelay begins when it is told, ends connections half-way and is over after its time, in this order', async () => {
  const told = new AbortController();
  const said: string[] = [];
  const begin = performance.now();
  const delay = new ShutdownDelay(told.signal, 40, () => said.push('last part'));
  delay.over.addEventListener('abort', () => said.push('over'));
  expect([delay.begun, delay.over.aborted]).toEqual([false, false]);
  told.abort();
  expect([delay.begun, delay.over.aborted]).toEqual([true, false]);
  await once(delay.over, 'abort');
  expect(performance.now() - begin).toBeGreaterThan(38);
  expect(said).toEqual(['last part', 'over']);
});

test('ShutdownDelay of no length is over at once, and so is one that was told before it was made', () => {
  const lastPart = vi.fn();
  expect(new ShutdownDelay(AbortSignal.abort(), 0, lastPart).over.aborted).toBe(true);
  expect(lastPart).not.toHaveBeenCalled();
});

/** As kube-proxy: each new connection goes to one of the replicas in turn, and stays with it. */
async function listenAsService(replicas: readonly Replica[]) {
  const state = { replicas };
  const made: Replica[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const replica = state.replicas[made.length % state.replicas.length];
    if (replica === undefined) return;
    made.push(replica);
    const far = connect(replica.port, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    ...{ state, made },
    port: (server.address() as { port: number }).port,
    [Symbol.dispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Five reads at once, ten times a second, on kept connections. As Go's transport one that was closed meanwhile is tried again. */
function startReading(replica: Replica, port: number) {
  const agent = new Agent({ keepAlive: true });
  const reads: Promise<unknown>[] = [];
  const read = async (again: boolean): Promise<unknown> => {
    try {
      return (await replica.ask('/apis', { agent, port })).status;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return again && code === 'ECONNRESET' ? read(false) : error;
    }
  };
  const timer = setInterval(() => {
    for (let index = 0; index < 5; index += 1) reads.push(read(true));
  }, 100);
  return {
    reads,
    [Symbol.dispose]() {
      clearInterval(timer);
      agent.destroy();
    },
  };
}

test('ShutdownDelay lets a replica go under 50 reads a second on kept connections, and no read fails', async () => {
  const pki = await createPki();
  await using leaving = await startApiServer(pki);
  await using staying = await startApiServer(pki);
  const served: Replica[] = [];
  for (const replica of [leaving, staying]) {
    replica.state.api = () => {
      served.push(replica);
      return { status: 200, headers: {}, body: '{}' };
    };
  }
  using service = await listenAsService([leaving, staying]);
  using reading = startReading(leaving, service.port);
  await eventually(() => expect(new Set(served).size).toBe(2));

  const told = new AbortController();
  let beforeLastPart = 0;
  const delay = new ShutdownDelay(told.signal, 1_000, () => {
    beforeLastPart = served.length;
    leaving.server.endConnections();
  });
  told.abort();
  service.state.replicas = [staying];
  await once(delay.over, 'abort');
  await leaving.server.close();
  const after = served.length;
  await eventually(() => {
    expect(served.length).toBeGreaterThan(after + 10);
    expect(reading.reads.length).toBeGreaterThan(40);
  });

  expect(new Set(await Promise.all(reading.reads))).toEqual(new Set([200]));
  // One answer on each connection that it had, and the client was led elsewhere.
  const last = served.slice(beforeLastPart).filter((replica) => replica === leaving).length;
  expect(last).toBeLessThanOrEqual(service.made.filter((replica) => replica === leaving).length);
});
