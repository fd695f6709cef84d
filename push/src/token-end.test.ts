import { writeFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { createCertificateAuthority } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureReplica, FixtureStream } from './fixture-replica.ts';

const serverName = 'tacho-aggregator.tacho.svc';
const ca = await createCertificateAuthority('serving-ca');
const serving = await ca.issueServing([serverName]);
const connect = (port: number, monotonicUsec: () => number) =>
  new FixtureStream(`127.0.0.1:${port}`, ca.certificate, { serverName, monotonicUsec });

test('ReplicaStream connects again at once, without a warning, where the token of a stream that served has come to its end', async () => {
  let nowUsec = 0;
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, () => nowUsec).run();
  for (let calls = 1; calls <= 8; calls += 1) {
    await eventually(() => expect(agent.directives).toHaveLength(calls));
    nowUsec += 5_000_000;
    writeFileSync(agent.tokenFile, `token-${calls + 1}`);
    replica.end(status.UNAUTHENTICATED, 'token expires: connect again with its successor');
  }
  await eventually(() => expect(replica.calls.at(-1)?.token).toBe('Bearer token-9'));
  expect(agent.reasons()).toHaveLength(8);
  expect(agent.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
});

test('ReplicaStream warns and waits where a replica calls its token invalid', async () => {
  await using replica = await FixtureReplica.listen(serving);
  await using agent = connect(replica.port, () => 0).run();
  const begin = performance.now();
  for (let calls = 1; calls <= 3; calls += 1) {
    await eventually(() => expect(agent.directives).toHaveLength(calls));
    replica.end(status.UNAUTHENTICATED, 'token is not valid for audience "tacho-aggregator"');
  }
  await eventually(() => expect(agent.directives).toHaveLength(4));
  // 50 + 100 + 200 ms.
  expect(performance.now() - begin).toBeGreaterThan(345);
  expect(agent.log.filter(({ level }) => level === 40)).toHaveLength(1);
});
