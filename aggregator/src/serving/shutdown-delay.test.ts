import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { expect, test, vi } from 'vitest';
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

/** As kube-proxy: each new connection goes to a replica that was ready a moment ago, and stays with it. */
async function listenAsService(replicas: readonly Replica[]) {
  let ready: readonly Replica[] = replicas;
  const asking = setInterval(async () => {
    const answers = await Promise.all(
      replicas.map((replica) => replica.ask('/readyz').catch(() => ({ status: 0 }))),
    );
    ready = replicas.filter((_, index) => answers[index]?.status === 200);
  }, 30);
  const sockets = new Set<Socket>();
  let made = 0;
  const server = createServer((near) => {
    made += 1;
    const far = connect(ready[made % ready.length]?.port ?? 0, '127.0.0.1');
    for (const socket of [near, far]) sockets.add(socket.on('error', () => undefined));
    near.pipe(far).pipe(near);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.dispose]() {
      clearInterval(asking);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test('ShutdownDelay lets a replica go under 50 reads a second on kept connections, and no read fails', async () => {
  const pki = await createPki();
  await using leaving = await startApiServer(pki);
  await using staying = await startApiServer(pki);
  const served: string[] = [];
  for (const [name, replica] of Object.entries({ leaving, staying })) {
    replica.state.api = () => {
      served.push(name);
      return { status: 200, headers: {}, body: '{}' };
    };
  }
  using service = await listenAsService([leaving, staying]);
  const agent = new Agent({ keepAlive: true });
  const reads: Promise<number | undefined>[] = [];
  const reading = setInterval(() => {
    // Five at once, so that several connections are kept.
    for (let read = 0; read < 5; read += 1) {
      reads.push(leaving.ask('/apis', { agent, port: service.port }).then(({ status }) => status));
    }
  }, 100);

  const told = new AbortController();
  const delay = new ShutdownDelay(told.signal, 600, () => leaving.server.endConnections());
  await vi.waitFor(() => expect(new Set(served).size).toBe(2));
  leaving.state.ready = false;
  told.abort();
  await once(delay.over, 'abort');
  // By then every connection has been led to the one that stays.
  expect(new Set(served.slice(-5))).toEqual(new Set(['staying']));
  await leaving.server.close();
  const before = served.length;
  await vi.waitFor(() => expect(served.length).toBeGreaterThan(before + 10));
  clearInterval(reading);
  expect(new Set(await Promise.all(reads))).toEqual(new Set([200]));
  expect(reads.length).toBeGreaterThan(40);
  expect(new Set(served.slice(before))).toEqual(new Set(['staying']));
  agent.destroy();
});
