import { extensionAuthenticationConfigMap } from '../stand-ins/kube-apiserver/authentication.ts';
import { startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { identityHeaders } from '../stand-ins/kube-apiserver/proxy-headers.ts';
import type { Bench, BenchOptions } from './bench.ts';
import { type Figure, figure, type Goal } from './figures.ts';
import { getGoals, type ListCase, listCases, podPath, stallGoal } from './list-cases.ts';
import { ListClient, type Reading } from './list-client.ts';
import { type ClusterSize, MadeCluster } from './list-cluster.ts';
import { ListServerProcess, type Taken } from './list-server-process.ts';
import { smallNamespace } from './list-workloads.ts';

const sizes: readonly ClusterSize[] = [
  { nodes: 100, pods: 7_000 },
  { nodes: 1_000, pods: 30_000 },
  { nodes: 5_000, pods: 150_000 },
];
const goalPods = 150_000;
/** The first answers of a process are made by an interpreter. */
const warmUps = 3;
const probeRuns = 3;
const gets = 20_000;
const connections = 4;
/** Somebody whose rights have to be asked for, unlike those of an administrator. */
const reader = {
  username: 'system:serviceaccount:kube-system:horizontal-pod-autoscaler',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
};
const aggregator = 'system:serviceaccount:tacho:tacho-aggregator';

/** What a list costs the aggregator. */
export const list: Bench = {
  name: 'list',
  summary: 'lists and gets over TLS through the gate: time, CPU of the server, longest stall, memory',
  runs: 5,
  flags: {
    '--quick': 'only the smallest of the three clusters',
    '--nodes': 'with --pods: one cluster of this size instead of the three',
    '--pods': '',
  },
  measure,
};

async function measure({ runs, progress, flag }: BenchOptions): Promise<Record<string, Figure>> {
  const figures: Record<string, Figure> = {};
  for (const size of wantedSizes(flag)) {
    Object.assign(figures, await measureSize(size, runs, progress));
  }
  return figures;
}

function wantedSizes(flag: BenchOptions['flag']): readonly ClusterSize[] {
  if (flag('--quick') !== undefined) return sizes.slice(0, 1);
  const [nodes, pods] = [flag('--nodes'), flag('--pods')].map((text) => text && Number(text));
  if (nodes === undefined && pods === undefined) return sizes;
  if (!isCount(nodes) || !isCount(pods)) {
    throw new Error('expected numbers above 0 for both --nodes and --pods');
  }
  return [{ nodes, pods }];
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}

async function measureSize(
  size: ClusterSize,
  runs: number,
  progress: BenchOptions['progress'],
): Promise<Record<string, Figure>> {
  const what = `${size.nodes} nodes, ${size.pods} pods`;
  progress(`${what}: starting`);
  await using started = await startServer(size);
  const { client, server } = started;
  const figures: Record<string, Figure> = {};
  const add = (name: string, values: readonly number[], unit: string, goal: Goal = {}) => {
    figures[`${what}: ${name}`] = figure(values, unit, size.pods === goalPods ? goal : {});
  };
  for (const each of listCases) {
    progress(`${what}: ${each.name}`);
    await measureCase(each, { runs, client, server, add });
  }
  progress(`${what}: one pod, ${gets} times`);
  await measureGets(size, { runs, client, server, add });
  return figures;
}

interface Measuring {
  readonly runs: number;
  readonly client: ListClient;
  readonly server: ListServerProcess;
  readonly add: (name: string, values: readonly number[], unit: string, goal?: Goal) => void;
}

async function measureCase(
  { name, path, accept, gzip = false, swap = false, cpuMs }: ListCase,
  { runs, client, server, add }: Measuring,
): Promise<void> {
  const read = () => client.read(path, accept, gzip);
  for (let warmUp = 0; warmUp < warmUps; warmUp += 1) {
    await server.renew(swap);
    await read();
  }
  const taken: (Taken & { readonly result: Reading })[] = [];
  for (let run = 0; run < runs; run += 1) {
    await server.renew(swap);
    taken.push(await server.during(read));
  }
  // Apart from the runs above: answering the probe takes CPU too.
  const probes: number[] = [];
  for (let run = 0; run < probeRuns; run += 1) {
    await server.renew(swap);
    probes.push(await client.longestProbeMs(read));
  }
  const of = (value: (each: (typeof taken)[number]) => number) => taken.map(value);
  const cpuGoal = cpuMs === undefined ? {} : { atMost: cpuMs };
  add(
    `${name}: server CPU`,
    of((each) => each.cpuMs),
    'ms',
    cpuGoal,
  );
  add(
    `${name}: until read`,
    of(({ result }) => result.wallMs),
    'ms',
  );
  add(
    `${name}: longest stall`,
    of(({ stallMs }) => stallMs),
    'ms',
    stallGoal,
  );
  add(`${name}: longest /livez beside it`, probes, 'ms');
  add(
    `${name}: body`,
    of(({ result }) => result.bodyBytes / 1e6),
    'MB',
  );
  add(
    `${name}: RSS after`,
    of(({ rssMiB }) => rssMiB),
    'MiB',
  );
  add(
    `${name}: peak RSS so far`,
    of(({ peakRssMiB }) => peakRssMiB),
    'MiB',
  );
}

async function measureGets(size: ClusterSize, { runs, client, server, add }: Measuring): Promise<void> {
  const paths = new MadeCluster(size)
    .podObjects()
    .filter(({ metadata }) => metadata.namespace === smallNamespace)
    .map(({ metadata }) => podPath(metadata.name));
  const rates: number[] = [];
  const cpus: number[] = [];
  const stalls: number[] = [];
  const getAll = () => client.getMany(paths, gets, connections);
  await server.renew();
  await getAll();
  for (let run = 0; run < runs; run += 1) {
    await server.renew();
    const { result: wallMs, cpuMs, stallMs } = await server.during(getAll);
    rates.push(gets / (wallMs / 1000));
    cpus.push((cpuMs * 1000) / gets);
    stalls.push(stallMs);
  }
  const name = `one pod, ${connections} connections`;
  add(`${name}: rate`, rates, '/s', getGoals.rate);
  add(`${name}: server CPU each`, cpus, 'µs', getGoals.cpuUsec);
  add(`${name}: longest stall`, stalls, 'ms', stallGoal);
}

async function startServer(size: ClusterSize) {
  await using stack = new AsyncDisposableStack();
  const apiserver = stack.use(await startKubeApiserver({ authorize: () => true }));
  const { pki, url } = apiserver;
  const [serving, frontProxy] = await Promise.all([
    pki.servingCa.issueServing(['127.0.0.1']),
    pki.frontProxyCa.issueClient({ commonName: 'front-proxy-client' }),
  ]);
  const token = apiserver.issueToken({ username: aggregator, groups: [] });
  const server = await ListServerProcess.start({
    size,
    apiServer: { url, ca: pki.clusterCa.certificate, token },
    published: extensionAuthenticationConfigMap(pki),
    serving: { cert: serving.certificate, key: serving.key },
  });
  stack.defer(() => server.close());
  const client = new ListClient({
    ...{ port: server.port, ca: pki.servingCa.certificate, frontProxy },
    headers: {
      'User-Agent': 'kube-controller-manager/v1.37.2 (linux/amd64) kubernetes/bench',
      'X-Forwarded-For': '10.0.0.17',
      'X-Forwarded-Host': 'kubernetes.default.svc',
      'X-Forwarded-Proto': 'https',
      ...(identityHeaders(reader) as Record<string, string[]>),
    },
  });
  stack.defer(() => client.close());
  const started = stack.move();
  return { client, server, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
