import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FixtureReplica } from '../../push/src/fixture-replica.ts';
import { createCertificateAuthority } from '../stand-ins/kube-apiserver/pki.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { Bundle, BundledAgent } from './bundled-agent.ts';
import { type Figure, figure } from './figures.ts';
import { OrderedProcess } from './ingest/ordered-process.ts';
import { type ProcessFootprint, processFootprint } from './process-footprint.ts';
import type { KubeletsOrders } from './pull/kubelets-process.ts';

const usual = { nodes: 1_000, pods: 30, period: '15s', seconds: 120, http: 2 };
/** The first pulls, with their handshakes, and the first rates. */
const settleMs = 45_000;
const serverName = 'tacho-ingest.tacho.svc';

/** What a puller's process takes. */
export const pull: Bench = {
  name: 'pull',
  summary: `one bundled puller of ${usual.nodes} simulated kubelets with ${usual.pods} pods each: CPU, memory, what is read`,
  runs: 1,
  flags: {
    '--nodes': `another number than ${usual.nodes}`,
    '--pods': `of each node; ${usual.pods} by default`,
    '--period': `of the pulls; ${usual.period} by default, as metrics-server's manifest has it`,
    '--seconds': `how long it is measured; ${usual.seconds} by default`,
    '--http': '1 or 2 (the default): what the kubelets speak',
    '--node-flags': 'flags of Node for the puller, separated by commas',
  },
  measure,
};

type Options = Readonly<typeof usual> & { readonly nodeFlags: readonly string[] };

interface Taken {
  readonly millicores: number;
  readonly end: ProcessFootprint;
  readonly pullsPerSecond: number;
  /** Of the nodes, in the last two periods. */
  readonly reportedShare: number;
  readonly podsPerReport: number;
  readonly problems: number;
}

async function measure({ runs, progress, flag }: BenchOptions): Promise<Record<string, Figure>> {
  const count = (name: 'nodes' | 'pods' | 'seconds' | 'http') => {
    const value = Number(flag(`--${name}`) ?? usual[name]);
    if (!(value > 0))
      throw new Error(`expected a number above 0 for --${name}, found "${flag(`--${name}`)}"`);
    return value;
  };
  const options = {
    ...{ nodes: count('nodes'), pods: count('pods'), seconds: count('seconds'), http: count('http') },
    period: flag('--period') ?? usual.period,
    nodeFlags: flag('--node-flags')?.split(',').filter(Boolean) ?? [],
  };
  progress('bundling');
  using bundle = await Bundle.make();
  const taken: Taken[] = [];
  for (let run = 1; run <= runs; run += 1) {
    progress(`run ${run} of ${runs}: ${options.nodes} kubelets, period ${options.period}`);
    taken.push(await measureOne(bundle, options));
  }
  const of = (value: (each: Taken) => number, unit: string, goal = {}) =>
    figure(taken.map(value), unit, goal);
  // metrics-server 0.9.0 at 1,000 nodes and 30,000 pods, 15 s: 60 mCores, 496 MiB.
  const isUsual =
    options.nodes === usual.nodes && options.pods === usual.pods && options.period === usual.period;
  return {
    CPU: of(({ millicores }) => millicores, 'mCPU', isUsual ? { atMost: 60 } : {}),
    RSS: of(({ end }) => end.rssMiB, 'MiB', isUsual ? { atMost: 248 } : {}),
    anonymous: of(({ end }) => end.anonymousMiB, 'MiB'),
    pulls: of(({ pullsPerSecond }) => pullsPerSecond, '/s'),
    'nodes reported': of(({ reportedShare }) => reportedShare * 100, '%', { atLeast: 100 }),
    'pods in a report': of(({ podsPerReport }) => podsPerReport, '', { atLeast: options.pods }),
    problems: of(({ problems }) => problems, '', { atMost: 0 }),
  };
}

async function measureOne(bundle: Bundle, options: Options): Promise<Taken> {
  const { http, nodeFlags, nodes, period, pods, seconds } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.adopt(mkdtempSync(join(tmpdir(), 'tacho-pull-')), (path) =>
    rmSync(path, { recursive: true }),
  );
  const ca = await createCertificateAuthority('bench-ca');
  writeFileSync(join(folder, 'ca.crt'), ca.certificate);
  writeFileSync(join(folder, 'token'), 'token\n');
  const replica = stack.use(await FixtureReplica.listen(await ca.issueServing([serverName])));
  const kubelets = stack.use(
    new OrderedProcess<KubeletsOrders>(
      new URL('pull/kubelets-process.ts', import.meta.url),
      'what simulates kubelets',
    ),
  );
  const pair = await ca.issueServing(['127.0.0.1']);
  const ports = await kubelets.tell('listen', {
    nodes,
    podsPerNode: pods,
    http: http === 1 ? 1 : 2,
    ...pair,
  });
  const puller = stack.use(
    new BundledAgent({
      ...{ bundle, program: 'puller', nodeFlags },
      env: { MALLOC_ARENA_MAX: '1' },
      args: [
        ...[
          `--aggregator=${replica.address}`,
          `--aggregator-server-name=${serverName}`,
          '--puller-name=bench',
        ],
        ...[`--aggregator-ca-file=${join(folder, 'ca.crt')}`, `--token-file=${join(folder, 'token')}`],
        ...[
          `--kubelet-certificate-authority=${join(folder, 'ca.crt')}`,
          `--kubelet-token-file=${join(folder, 'token')}`,
        ],
        ...['--kubelet-use-node-status-port', `--pull-period=${period}`, '--health-port=0'],
      ],
    }),
  );
  await puller.logged('stream to aggregator is open');
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  replica.live()[0]?.write({
    nodesToPull: {
      nodes: ports.map((kubeletPort, node) => ({ name: `node-${node}`, addresses, kubeletPort })),
    },
  });
  await sleep(settleMs);
  const told = () =>
    replica.calls.flatMap(({ messages }) => messages.splice(0).flatMap(({ pulledNode }) => pulledNode ?? []));
  told();
  const [begin, beginMs, before] = [
    processFootprint(puller.pid),
    performance.now(),
    await kubelets.tell('answered', undefined),
  ];
  await sleep(seconds * 1_000);
  const [end, tookMs, after] = [
    processFootprint(puller.pid),
    performance.now() - beginMs,
    await kubelets.tell('answered', undefined),
  ];
  const all = told();
  const reports = all.flatMap(({ report }) => report ?? []);
  return {
    millicores: ((end.cpuMs - begin.cpuMs) / tookMs) * 1_000,
    end,
    pullsPerSecond: ((after - before) / tookMs) * 1_000,
    reportedShare:
      new Set(all.flatMap(({ nodeName, report }) => (report === undefined ? [] : [nodeName]))).size / nodes,
    podsPerReport: Math.min(...reports.map((report) => report.pods.length)),
    problems: all.filter(({ problem }) => problem !== undefined).length,
  };
}
