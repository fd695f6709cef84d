import type { AggregatorMessage } from '@tacho/proto';
import { expect, test } from 'vitest';
import { eventually } from '../../test/eventually.ts';
import { createCertificateAuthority } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { directive, FixtureReplica, FixtureStream } from './fixture-replica.ts';

test('ReplicaStream lets a kind of message pass that only later aggregators know, and goes on', async () => {
  const serverName = 'tacho-aggregator.tacho.svc';
  const ca = await createCertificateAuthority('serving-ca');
  await using replica = await FixtureReplica.listen(await ca.issueServing([serverName]));
  await using agent = new FixtureStream(`127.0.0.1:${replica.port}`, ca.certificate, { serverName }).run();
  await eventually(() => expect(agent.directives).toEqual([directive]));
  const call = replica.calls[0]?.call;
  // To this version a message of another kind is one without any.
  call?.write({} as AggregatorMessage);
  // A longer one: with a shorter period the stream is taken anew, for its keepalive.
  call?.write({ directive: { ...directive, periodUsec: 10_000_000 } });
  await eventually(() => expect(agent.directives.at(-1)).toMatchObject({ periodUsec: 10_000_000 }));
  expect(replica.calls).toHaveLength(1);
});
