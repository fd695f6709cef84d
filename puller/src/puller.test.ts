import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PulledNode } from '@tacho/proto';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { FixtureReplica } from '../../push/src/fixture-replica.ts';
import { eventually } from '../../test/eventually.ts';
import {
  type CertificateAuthority,
  createCertificateAuthority,
} from '../../test/stand-ins/kube-apiserver/pki.ts';
import { SimulatedKubelet } from '../../test/stand-ins/kubelet-metrics/simulated-kubelet.ts';
import { runPuller } from './puller.ts';

const serverName = 'tacho-ingest.tacho.svc';
const folder = mkdtempSync(join(tmpdir(), 'tacho-puller-'));
afterAll(() => rmSync(folder, { recursive: true }));
let ca: CertificateAuthority;
beforeAll(async () => {
  ca = await createCertificateAuthority('ca');
  writeFileSync(join(folder, 'ca.crt'), ca.certificate);
  writeFileSync(join(folder, 'token'), 'token');
});
let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});
/** What takes some pulls. */
const patiently = <Outcome>(assertion: () => Outcome | Promise<Outcome>) =>
  eventually(assertion, { everyMs: 25 });

/** A kubelet of one pod that uses half a core, sampled a moment before it is asked. */
async function kubelet(http: 1 | 2, aheadMs = 0, authority = ca): Promise<SimulatedKubelet> {
  const made = cleanUp.use(
    await SimulatedKubelet.listen(await authority.issueServing(['127.0.0.1']), { http, aheadMs }),
  );
  const beganMs = Date.now() + aheadMs;
  made.figures = (nowMs) => ({
    node: { cpuSeconds: 1_000 + (nowMs - beganMs) / 1_000, memoryBytes: 1e9, sampledMs: nowMs },
    containers: [
      {
        ...{ namespace: 'default', pod: 'web', container: 'app', startedMs: beganMs - 1e6 },
        ...{ cpuSeconds: 100 + (nowMs - beganMs) / 2_000, memoryBytes: 5e8, sampledMs: nowMs },
      },
    ],
  });
  return made;
}

function listen(): Promise<FixtureReplica> {
  return ca
    .issueServing([serverName])
    .then((pair) => FixtureReplica.listen(pair))
    .then((replica) => cleanUp.use(replica));
}

function run(...replicas: readonly FixtureReplica[]) {
  const log: Record<string, unknown>[] = [];
  const stop = new AbortController();
  const ended = runPuller(
    {
      ...{ version: '1.2.3', pullerName: 'puller-0', aggregators: replicas.map(({ address }) => address) },
      ...{ aggregatorServerName: serverName, aggregatorCaFile: join(folder, 'ca.crt') },
      ...{ tokenFile: join(folder, 'token'), periodMs: 1_000, requestTimeoutMs: 5_000, health: undefined },
      kubelets: { preferredAddressTypes: ['InternalIP'], port: 1, useNodeStatusPort: true },
      credentials: {
        ...{
          certificateAuthority: join(folder, 'ca.crt'),
          tokenFile: join(folder, 'token'),
          insecure: false,
        },
        ...{ clientCertificate: undefined, clientKey: undefined },
      },
    },
    pino({ level: 'debug' }, { write: (line) => log.push(JSON.parse(line)) }),
    stop.signal,
  );
  cleanUp.defer(async () => {
    stop.abort();
    await ended;
  });
  return log;
}

function ask(replica: FixtureReplica, kubelets: Readonly<Record<string, SimulatedKubelet>>): void {
  const nodes = Object.entries(kubelets).map(([name, { port }]) => ({
    ...{ name, kubeletPort: port, addresses: [{ type: 'InternalIP', address: '127.0.0.1' }] },
  }));
  replica.live()[0]?.write({ nodesToPull: { nodes } });
}

function said(replica: FixtureReplica, node?: string): PulledNode[] {
  return replica.calls.flatMap(({ messages }) =>
    messages.flatMap(({ pulledNode }) =>
      pulledNode !== undefined && (node ?? pulledNode.nodeName) === pulledNode.nodeName ? [pulledNode] : [],
    ),
  );
}

test('runPuller() reports a node’s rates from its second pull on, over both versions of HTTP and with a clock an hour off', {
  timeout: 60_000,
}, async () => {
  const replica = await listen();
  run(replica);
  const kubelets = { n1: await kubelet(1), n2: await kubelet(2, 3_600_000) };
  await patiently(() =>
    expect(replica.calls[0]?.messages).toMatchObject([{ pullerHello: { pullerName: 'puller-0' } }]),
  );
  ask(replica, kubelets);
  for (const node of ['n1', 'n2']) {
    const report = await patiently(() => {
      const found = said(replica, node).find((each) => each.report !== undefined)?.report;
      expect(found).toBeDefined();
      return found;
    });
    const nowUsec = performance.now() * 1_000;
    expect(nowUsec - (report?.sampleMonotonicUsec ?? 0)).toBeLessThan(10_000_000);
    expect(report?.sampleMonotonicUsec).toBeLessThan(nowUsec);
    expect(report).toMatchObject({
      periodUsec: 1_000_000,
      pods: [{ namespace: 'default', name: 'web', uid: '' }],
    });
    const cores = (report?.pods[0]?.containers[0]?.usage.cpuNanocores ?? 0) / 1e9;
    expect(Math.abs(cores - 0.5)).toBeLessThan(0.01);
    expect(Math.abs((report?.node?.cpuNanocores ?? 0) / 1e9 - 1)).toBeLessThan(0.02);
    expect(said(replica, node)[0]).toEqual({ nodeName: node });
  }
});

test('runPuller() lets a node that is ill concern nobody else, and says what is wrong and that it is well again', {
  timeout: 60_000,
}, async () => {
  const replica = await listen();
  const log = run(replica);
  const well = await kubelet(2);
  const ill = {
    hung: await kubelet(1),
    failing: await kubelet(2),
    large: await kubelet(1),
    odd: await kubelet(1, 0, await createCertificateAuthority('ca')),
    doubled: await kubelet(1),
  };
  const illness = {
    hung: 'hung',
    failing: 'status 500',
    large: '200 MiB',
    doubled: 'duplicate series',
  } as const;
  await patiently(() => expect(replica.live()).toHaveLength(1));
  ask(replica, { well, ...ill });
  await patiently(() => expect(said(replica, 'hung').some(({ report }) => report !== undefined)).toBe(true));
  for (const [name, kind] of Object.entries(illness)) ill[name as keyof typeof ill].illness = kind;
  const reasons = {
    hung: 'hung',
    failing: 'status',
    large: 'too large',
    odd: 'certificate',
    doubled: 'malformed',
  };
  const before = said(replica, 'well').length;
  for (const [name, reason] of Object.entries(reasons)) {
    await patiently(() => expect(said(replica, name).at(-1)?.problem?.reason).toBe(reason));
  }
  expect(said(replica, 'hung').at(-1)?.report).toBeUndefined();
  await patiently(() => expect(said(replica, 'well').length).toBeGreaterThan(before + 3));
  for (const { report, problem } of said(replica, 'well').slice(2)) {
    expect(problem).toBeUndefined();
    expect(report).toBeDefined();
  }
  ill.hung.illness = undefined;
  await patiently(() =>
    expect(said(replica, 'hung').at(-1)).toMatchObject({ report: { pods: [{ name: 'web' }] } }),
  );
  expect(said(replica, 'hung').at(-1)?.problem).toBeUndefined();
  const lines = log.filter(({ node }) => node === 'hung').map(({ msg }) => msg);
  expect(lines).toEqual(['kubelet cannot be read', 'kubelet is read again']);
  expect(JSON.stringify(log)).not.toContain('secret');
});

test('runPuller() pulls what any replica asks for once, tells each of its own, and lets go what nobody asks for', {
  timeout: 60_000,
}, async () => {
  const [one, other] = [await listen(), await listen()];
  run(one, other);
  const [shared, own] = [await kubelet(1), await kubelet(1)];
  await patiently(() => expect([one.live().length, other.live().length]).toEqual([1, 1]));
  ask(one, { shared });
  ask(other, { shared, own });
  await patiently(() => expect(said(other, 'own').length).toBeGreaterThan(1));
  await patiently(() => expect(said(one, 'shared').length).toBeGreaterThan(1));
  expect(said(one, 'own')).toEqual([]);
  expect(shared.connections).toBe(1);
  ask(other, { shared });
  await patiently(() => {
    const count = own.asked.length;
    const since = said(other, 'shared').length;
    return patiently(() => {
      expect(said(other, 'shared').length).toBeGreaterThan(since + 2);
      expect(own.asked.length).toBe(count);
    });
  });
});
