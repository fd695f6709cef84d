import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { until } from './rig/until.ts';
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
  await until(`processes of ${cluster}`, () => (running() ? undefined : 'too few'), {
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
