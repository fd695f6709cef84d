import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorWords } from '@tacho/command-line';
import { afterAll, describe, inject, test } from 'vitest';
import { buildTachoImage } from '../../image/tacho-image.ts';
import manifest from '../../package.json' with { type: 'json' };
import { skipReason } from '../skip-reason.ts';
import type { Cluster } from './rig/cluster.ts';
import { externalCluster } from './rig/external-cluster.ts';
import { hasCgroupV1, parseNodes } from './rig/node.ts';
import { openCluster } from './rig/open-cluster.ts';
import { whyNoCluster } from './rig/requirements.ts';
import { startCluster } from './rig/start-cluster.ts';
import './global-setup.ts';

/** One of each kind; two where this machine's kernel has no cgroup v1. */
const nodes = hasCgroupV1() ? ['n1', 's2', 'v3'] : ['n1', 's2'];
const repository = join(import.meta.dirname, '..', '..');
const { version } = manifest;
const tachoImage = `localhost/tacho:${version}`;

type Outcome = { readonly folder: string } | { readonly problem: string };

/**
 * Describes what holds on a real cluster: the one that all files of the tier share, or that of TACHO_TEST_KUBECONFIG. It is
 * there when `body` is called, so that tests can be made for each of its nodes.
 */
export function describeOnCluster(what: string, body: (cluster: Cluster) => void): void {
  describe(what, async () => {
    const reason = skipReason(whyNoSharedCluster());
    if (reason !== undefined) {
      process.stdout.write(`"${what}" is skipped: ${reason}\n`);
      test.skip(reason, () => undefined);
      return;
    }
    body(await sharedCluster());
  });
}

const given = (): string | undefined => process.env['TACHO_TEST_KUBECONFIG'] || undefined;

function whyNoSharedCluster(): string | undefined {
  return given() === undefined ? whyNoCluster(parseNodes(nodes)) : undefined;
}

async function sharedCluster(): Promise<Cluster> {
  const kubeconfig = given();
  if (kubeconfig !== undefined) return await givenCluster(kubeconfig);
  const outcomeFile = join(inject('clusterOfRun').folder, 'outcome.json');
  if (!existsSync(outcomeFile)) writeFileSync(outcomeFile, JSON.stringify(await startForRun()));
  const outcome = JSON.parse(readFileSync(outcomeFile, 'utf8')) as Outcome;
  // What went wrong once is not tried again by each file.
  if ('problem' in outcome) throw new Error(`the cluster of this run could not be made: ${outcome.problem}`);
  const cluster = await openCluster(outcome.folder);
  afterAll(() => cluster.api.close());
  return cluster;
}

async function givenCluster(kubeconfig: string): Promise<Cluster> {
  const tacho = process.env['TACHO_TEST_IMAGE'] || tachoImage;
  const busybox = process.env['TACHO_TEST_BUSYBOX'] || 'busybox:1';
  const cluster = await externalCluster({ kubeconfig, tacho, busybox }, new AbortController().signal);
  afterAll(() => cluster.down());
  return cluster;
}

async function startForRun(): Promise<Outcome> {
  if (!nodes.includes('v3')) skipReason('this machine has no cgroup v1, so the cluster has no node with it');
  const log = (line: string) => void process.stdout.write(`cluster: ${line}\n`);
  try {
    const { owner, folder } = inject('clusterOfRun');
    const file = join(folder, 'tacho.tar');
    await buildTachoImage({ repository, version, name: tachoImage, file }, log);
    const cluster = await startCluster(
      {
        nodes,
        name: 'tests',
        owner,
        // What happens to a node that falls silent is the subject, not how long Kubernetes waits.
        graceSeconds: 10,
        leaseSeconds: 8,
        tacho: tachoImage,
        images: [file],
      },
      log,
      new AbortController().signal,
    );
    cluster.api.close();
    return { folder: cluster.folder };
  } catch (error) {
    return { problem: errorWords(error) };
  }
}
