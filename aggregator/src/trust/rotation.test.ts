import { once } from 'node:events';
import { connect } from 'node:tls';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { keptLog } from '../fixture-log.ts';
import { startApiServer } from '../serving/fixture-api-server.ts';
import { mountPair } from './fixture-pair-files.ts';
import { FollowedPair } from './followed-pair.ts';

test('an ApiServer whose Secret is exchanged under load fails no request, and open connections go on', async () => {
  await using api = await startApiServer();
  const { servingCa } = api.pki;
  const issue = () => servingCa.issueServing(['127.0.0.1']);
  using mount = mountPair(await issue());
  const stop = new AbortController();
  const reloads: boolean[] = [];
  const pair = new FollowedPair(
    { log: keptLog().log, onReload: (ok) => reloads.push(ok) },
    mount.files,
    { settleMs: 5 },
    stop.signal,
  );
  pair.follow((each) => api.server.serveWith(each));
  const open = async () => {
    const socket = connect({ host: '127.0.0.1', port: api.port, ca: servingCa.certificate });
    await once(socket, 'secureConnect');
    return socket;
  };
  const shown = async () => {
    const socket = await open();
    const certificate = socket.getPeerX509Certificate()?.toString();
    socket.destroy();
    return certificate;
  };

  const kept = await open();
  const answers: (number | undefined)[] = [];
  const load = async () => {
    while (!stop.signal.aborted) answers.push((await api.ask('/livez')).status);
  };
  const clients = Promise.all([load(), load(), load(), load()]);

  for (let turn = 0; turn < 5; turn += 1) {
    const next = await issue();
    const failures = reloads.filter((ok) => !ok).length;
    // A certificate whose key has not come yet.
    mount.exchange({ certificate: next.certificate, key: (await issue()).key });
    await eventually(() => expect(reloads.filter((ok) => !ok)).toHaveLength(failures + 1));
    mount.exchange(next);
    await eventually(async () => expect(await shown()).toBe(next.certificate));
  }
  stop.abort();
  await clients;
  expect(answers.length).toBeGreaterThan(20);
  expect(new Set(answers)).toEqual(new Set([200]));
  expect(reloads.filter((ok) => ok)).toHaveLength(5);

  kept.write('GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(Buffer.concat(await kept.toArray()).toString()).toMatch(/^HTTP\/1\.1 200 /);
});
