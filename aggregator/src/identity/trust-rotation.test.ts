import { Agent } from 'node:https';
import { expect, test } from 'vitest';
import { type CertificateAndKey, createPki } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import { startGate } from './fixture-gate.ts';

const list = '/apis/metrics.k8s.io/v1/pods';

/** Asks one after the other until told to stop; the statuses of all answers. */
function keepAsking(ask: () => Promise<{ status: number | undefined }>) {
  let isStopped = false;
  let answered = 0;
  const statuses = new Set<number | undefined>();
  const ended = (async () => {
    while (!isStopped) {
      statuses.add((await ask()).status);
      answered += 1;
    }
  })();
  return {
    /** Resolves when so many more requests have been answered. */
    async more(count: number) {
      const goal = answered + count;
      while (answered < goal) await new Promise((resolve) => setImmediate(resolve));
    },
    async stop() {
      isStopped = true;
      await ended;
      return [...statuses];
    },
  };
}

test('both CAs are exchanged under load without a failed request; the old ones’ certificates end with them', async () => {
  await using gate = await startGate();
  const next = await createPki();
  const proxyOf = ({ frontProxyCa }: typeof next) =>
    frontProxyCa.issueClient({ commonName: 'front-proxy-client' });
  const janeOf = ({ clusterCa }: typeof next) => clusterCa.issueClient({ commonName: 'jane' });
  const [oldProxy, newProxy, oldJane, newJane] = await Promise.all([
    ...[proxyOf(gate.pki), proxyOf(next), janeOf(gate.pki), janeOf(next)],
  ]);
  const bundles = (frontProxy: string, users: string) =>
    gate.publish({ 'requestheader-client-ca-file': frontProxy, 'client-ca-file': users });
  const [oldCa, newCa] = [gate.pki, next].map(({ frontProxyCa, clusterCa }) => ({
    frontProxy: frontProxyCa.certificate,
    users: clusterCa.certificate,
  }));
  if (!oldCa || !newCa || !oldProxy || !newProxy || !oldJane || !newJane) throw new Error('no certificates');

  const agents: Agent[] = [];
  const asker = (client: CertificateAndKey, keepAlive: boolean) => {
    const agent = new Agent({ keepAlive, maxSockets: 1 });
    agents.push(agent);
    const headers = client === oldProxy || client === newProxy ? { 'X-Remote-User': 'jane' } : {};
    return () => gate.ask(list, { client, agent, headers });
  };
  const loads = (clients: readonly CertificateAndKey[]) =>
    clients.flatMap((client) => [true, false].map((keepAlive) => keepAsking(asker(client, keepAlive))));
  const more = (each: ReturnType<typeof loads>) => Promise.all(each.map((load) => load.more(5)));
  const stop = async (each: ReturnType<typeof loads>) => [
    ...new Set((await Promise.all(each.map((load) => load.stop()))).flat()),
  ];

  bundles(oldCa.frontProxy, oldCa.users);
  const old = loads([oldProxy, oldJane]);
  await more(old);
  bundles(oldCa.frontProxy + newCa.frontProxy, oldCa.users + newCa.users);
  const young = loads([newProxy, newJane]);
  await more([...old, ...young]);
  expect(await stop(old)).toEqual([200]);
  // A broken bundle in between changes nothing.
  bundles('broken', '');
  await more(young);
  bundles(newCa.frontProxy, newCa.users);
  await more(young);
  expect(await stop(young)).toEqual([200]);

  for (const client of [oldProxy, oldJane]) {
    for (const keepAlive of [true, false]) expect((await asker(client, keepAlive)()).status).toBe(401);
  }
  for (const agent of agents) agent.destroy();
});

test('a connection that is open when its CA is taken away is believed no longer', async () => {
  await using gate = await startGate();
  gate.publish();
  const client = await gate.pki.clusterCa.issueClient({ commonName: 'jane' });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await gate.ask(list, { client, agent })).status).toBe(200);
  gate.publish({ 'client-ca-file': (await createPki()).clusterCa.certificate });
  expect((await gate.ask(list, { client, agent })).status).toBe(401);
  agent.destroy();
});
