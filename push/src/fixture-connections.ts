import type { NodeReport } from '@tacho/proto';
import { createCertificateAuthority } from '../../test/stand-ins/kube-apiserver/pki.ts';
import { FixtureStream } from './fixture-replica.ts';

export const report = (sampleMonotonicUsec: number): NodeReport => ({ sampleMonotonicUsec, pods: [] });

/** An authority, what a replica of it listens with, and streams to a port that verify it. */
export async function fixtureConnections() {
  const serverName = 'tacho-aggregator.tacho.svc';
  const ca = await createCertificateAuthority('serving-ca');
  return {
    serverName,
    ca,
    serving: await ca.issueServing([serverName]),
    connect: (port: number, options = {}) =>
      new FixtureStream(`127.0.0.1:${port}`, ca.certificate, { serverName, ...options }),
  };
}
