import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import type { Cluster } from './rig/cluster.ts';
import { clusterFolders, readClusterState } from './rig/cluster-state.ts';
import { hasCgroupV1, parseNodes } from './rig/node.ts';
import { openCluster } from './rig/open-cluster.ts';
import { whyNoCluster } from './rig/requirements.ts';
import { startCluster, sweepClusters } from './rig/start-cluster.ts';
import { waitWhileMissing } from './rig/wait-while-missing.ts';
import { machineState, tracesOf } from './traces.ts';

/** The kind that boots faster, where there is a choice. */
const quick = hasCgroupV1() ? 'v1' : 'n1';
const reason = skipReason(whyNoCluster(parseNodes(['n1'])) ?? whyNoCluster(parseNodes([quick])));
if (reason !== undefined) process.stdout.write(`rig.test.ts is skipped: ${reason}\n`);
const onRig = it.skipIf(reason !== undefined);

const quiet = () => undefined;
const never = new AbortController().signal;
const booting = /^booting /;

const folderNamed = (name: string) =>
  clusterFolders().find((folder) => readClusterState(folder).name === name);

/** `npm run cluster -- up`, as a process of its own. */
function up(name: string, node: string): ChildProcess {
  return spawn(
    process.execPath,
    [join(import.meta.dirname, 'main.ts'), 'up', `--name=${name}`, `--nodes=${node}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

async function line(program: ChildProcess, wanted: RegExp): Promise<void> {
  if (program.stdout === null) throw new Error('expected its output');
  for await (const each of createInterface({ input: program.stdout })) if (wanted.test(each)) return;
  throw new Error(`the program ended without a line ${wanted}`);
}

const addedSince = (before: readonly string[]) => machineState().filter((each) => !before.includes(each));

/** Far enough to leave something behind. */
async function processesOf(cluster: string): Promise<void> {
  const running = () => tracesOf(cluster).filter((each) => each.startsWith('process ')).length > 5;
  await waitWhileMissing(`processes of ${cluster}`, () => (running() ? undefined : 'too few'), {
    atMostMs: 30_000,
    signal: never,
  });
}

async function uidOfKubeSystem(cluster: Cluster): Promise<string> {
  const { body } = await cluster.api.get('/api/v1/namespaces/kube-system');
  return (JSON.parse(body) as { metadata: { uid: string } }).metadata.uid;
}

onRig(
  'two clusters of the same addresses do not meet, outlive who made them if told, and leave nothing',
  async () => {
    const before = machineState();
    const program = up('left', 'n1');
    const [right] = await Promise.all([
      startCluster({ name: 'right', nodes: [quick] }, quiet, never),
      once(program, 'exit').then(([code]) => expect(code).toBe(0)),
    ]);
    const left = await openCluster(folderNamed('left') ?? expect.fail('there is no cluster "left"'));
    const clusters = [left, right];
    try {
      const uids = await Promise.all(clusters.map(uidOfKubeSystem));
      expect(new Set(uids).size).toBe(2);
      expect((await left.kubectl(['get', 'nodes', '-o', 'name'])).trim()).toBe('node/n1');
      expect((await right.kubectl(['get', 'nodes', '-o', 'name'])).trim()).toBe(`node/${quick}`);
      for (const { folder } of clusters) expect(tracesOf(basename(folder)).length).toBeGreaterThan(10);
      // Neither the end of the one nor its sweep touches the other.
      await left.down();
      await sweepClusters(quiet);
      expect(await uidOfKubeSystem(right)).toBe(uids[1]);
    } finally {
      for (const cluster of clusters) await cluster.down();
    }
    for (const { folder } of clusters) expect(tracesOf(basename(folder))).toEqual([]);
    expect(addedSince(before)).toEqual([]);
  },
);

onRig('a start that fails leaves nothing', async () => {
  const before = machineState();
  const start = startCluster(
    { name: 'failing', nodes: [quick], images: ['/there/is/no/such.tar'] },
    quiet,
    never,
  );
  await expect(start).rejects.toThrow('/there/is/no/such.tar');
  expect(tracesOf('tacho-cluster-failing-')).toEqual([]);
  expect(addedSince(before)).toEqual([]);
});

onRig('a start that gets SIGTERM half-way leaves nothing, and says so', async () => {
  const before = machineState();
  const program = up('ended', quick);
  await line(program, booting);
  await processesOf('tacho-cluster-ended-');
  program.kill('SIGTERM');
  expect(await once(program, 'exit')).toEqual([1, null]);
  expect(tracesOf('tacho-cluster-ended-')).toEqual([]);
  expect(addedSince(before)).toEqual([]);
});

onRig('what a start that was killed half-way has left is swept at the next start', async () => {
  const before = machineState();
  const program = up('killed', quick);
  await line(program, booting);
  await processesOf('tacho-cluster-killed-');
  program.kill('SIGKILL');
  await once(program, 'exit');
  expect(tracesOf('tacho-cluster-killed-')).not.toEqual([]);
  await sweepClusters(quiet);
  expect(tracesOf('tacho-cluster-killed-')).toEqual([]);
  expect(addedSince(before)).toEqual([]);
});

onRig(
  'a node that lost power boots with its disk, a control plane that was stopped goes on, nothing is imported twice',
  async () => {
    const cluster = await startCluster(
      { name: 'again', nodes: [quick], graceSeconds: 10, leaseSeconds: 8 },
      quiet,
      never,
    );
    try {
      const isReady = (status: string) => async () => {
        const path = '{.status.conditions[?(@.type=="Ready")].status}';
        const now = await cluster.kubectl(['get', 'node', quick, '-o', `jsonpath=${path}`]);
        return now === status ? undefined : `it is ${now}`;
      };
      const soon = { atMostMs: 90_000, signal: never };
      const logOfImports = join(cluster.folder, 'nodes', quick, 'out', 'images.log');
      await cluster.importImage(join(cluster.folder, 'images', 'base-pause.tar'));
      const imports = readFileSync(logOfImports, 'utf8');
      await cluster.power?.kill(quick);
      await waitWhileMissing('the node is silent', isReady('Unknown'), soon);
      await cluster.power?.start(quick);
      await waitWhileMissing('the node is Ready', isReady('True'), soon);
      await cluster.importImage(join(cluster.folder, 'images', 'base-pause.tar'));
      expect(readFileSync(logOfImports, 'utf8')).toBe(imports);
      const uid = await uidOfKubeSystem(cluster);
      await cluster.controlPlane?.stop('SIGKILL');
      await expect(uidOfKubeSystem(cluster)).rejects.toThrow();
      await cluster.controlPlane?.start(never);
      expect(await uidOfKubeSystem(cluster)).toBe(uid);
      await cluster.network?.cut(quick);
      await waitWhileMissing('the node is silent', isReady('Unknown'), soon);
      await cluster.network?.heal(quick);
      await waitWhileMissing('the node is Ready', isReady('True'), soon);
    } finally {
      await cluster.down();
    }
  },
);
