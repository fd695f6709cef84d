import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { find, render } from '../chart/chart.ts';
import { podTemplate } from '../chart/pod-template.ts';
import { until } from '../kernel/checks/until.ts';
import { nodeObject } from '../one-machine/core-objects.ts';
import {
  agentAccount,
  agentAudience,
  namespace,
  serverName,
  writeCredentials,
} from '../one-machine/credentials.ts';
import { createMetricsReader, type MetricsReader } from '../one-machine/metrics-reader.ts';
import { shortestOf } from '../shortest-of.ts';
import { skipReason } from '../skip-reason.ts';
import { type StandInKubeApiserver, startKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { type UnpackedImage, unpackedImage } from './fixture-unpacked-image.ts';
import { type RuncContainer, runContainer } from './runc-container.ts';

const isRoot = process.getuid?.() === 0;
const whyNot = !isRoot
  ? 'containers need root'
  : spawnSync('runc', ['--version']).error && 'no runc here; on Debian its package is runc';
if (whyNot) process.stdout.write(`image-runc.test.ts is skipped: ${skipReason(whyNot)}\n`);

const files = await render();
const agentPod = podTemplate(find(files, 'DaemonSet', 'tacho-agent')).spec;
const aggregatorPod = podTemplate(find(files, 'Deployment', 'tacho-aggregator')).spec;
const goalMs = 2_000;

describe.skipIf(whyNot)('the programs of the image under runc, with the chart’s security settings', () => {
  const stack = new AsyncDisposableStack();
  let image: UnpackedImage;
  let apiserver: StandInKubeApiserver;
  let reader: MetricsReader;
  let aggregator: RuncContainer;
  let agent: RuncContainer | undefined;
  let ingestPort = 0;
  let made = 0;
  let trust = '';
  let newToken: (node: string) => string;

  beforeAll(async () => {
    image = stack.use(await unpackedImage());
    apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
    const credentials = stack.adopt(await writeCredentials(apiserver), (written) => written.remove());
    trust = join(image.folder, 'trust');
    mkdirSync(trust);
    /** Into a folder that the containers see, readable by their user as the kubelet makes it. */
    const show = (file: string, name = basename(file)) => {
      copyFileSync(file, join(trust, name));
      chmodSync(join(trust, name), 0o644);
      return `/var/run/tacho/${name}`;
    };
    newToken = (node) => show(credentials.writeAgentToken(node), `token-${node}`);
    show(credentials.path('ca.crt'));
    aggregator = stack.use(
      runContainer({
        ...{ name: `tacho-aggregator-${process.pid}`, folder: image.folder, root: image.root },
        pod: aggregatorPod,
        args: [
          ...['--bind-address=127.0.0.1', '--secure-port=0', '--ingest-port=0', '--tls=files'],
          `--tls-cert-file=${show(credentials.path('serving.crt'))}`,
          `--tls-private-key-file=${show(credentials.path('serving.key'))}`,
          `--kubeconfig=${show(credentials.path('aggregator-kubeconfig'))}`,
          ...[`--namespace=${namespace}`, `--agent-service-account=${agentAccount}`],
          `--agent-audience=${agentAudience}`,
        ],
        mounts: [{ source: trust, destination: '/var/run/tacho' }],
      }),
    );
    await aggregator.saidAfterMs('aggregator listens');
    const listens = aggregator.lines.find((line) => line.includes('aggregator listens')) ?? '';
    const ports = JSON.parse(listens) as { securePort: number; ingestPort: number };
    ingestPort = ports.ingestPort;
    await apiserver.registerApiService({
      group: 'metrics.k8s.io',
      versions: ['v1', 'v1beta1'],
      url: `https://127.0.0.1:${ports.securePort}`,
      caBundle: apiserver.pki.servingCa.certificate,
      serverName,
    });
    reader = stack.adopt(createMetricsReader(apiserver), (each) => each.close());
    await until('the API', async () => (await reader.nodes()).status === 200, 30_000);
  });
  afterAll(async () => {
    await agent?.[Symbol.asyncDispose]();
    await stack.disposeAsync();
  });

  /** Starts an agent of a node of its own; resolves with the time until the node's numbers can be read. */
  async function firstReportMs(): Promise<number> {
    await agent?.[Symbol.asyncDispose]();
    made += 1;
    const node = `node-${made}`;
    apiserver.store.create('nodes', nodeObject(node));
    const logs = join(image.folder, 'container-logs');
    mkdirSync(logs, { recursive: true });
    const token = newToken(node);
    const startMs = performance.now();
    agent = runContainer({
      ...{ name: `tacho-agent-${process.pid}-${made}`, folder: image.folder, root: image.root },
      pod: agentPod,
      args: [
        ...[`--aggregator=127.0.0.1:${ingestPort}`, `--aggregator-server-name=${serverName}`],
        ...[`--token-file=${token}`, `--node-name=${node}`, '--cgroup-root=/host/cgroup', '--identity=logs'],
        '--health-port=0',
      ],
      env: { MALLOC_ARENA_MAX: '1' },
      mounts: [
        { source: trust, destination: '/var/run/tacho' },
        { source: '/sys/fs/cgroup', destination: '/host/cgroup' },
        { source: logs, destination: '/var/log/containers' },
      ],
    });
    const isThere = async () => (await reader.nodes()).items.some(({ metadata }) => metadata.name === node);
    await until('numbers of the node', isThere, 60_000);
    return performance.now() - startMs;
  }

  test('two seconds after its start the numbers of an agent’s node can be read', async () => {
    const tookMs = await shortestOf(4, firstReportMs, goalMs);
    process.stdout.write(`image-runc.test.ts: first report after ${Math.round(tookMs)} ms\n`);
    expect(tookMs).toBeLessThanOrEqual(goalMs);
  });

  test('neither program complains of what it may not do', () => {
    const said = [...aggregator.lines, ...(agent?.lines ?? [])];
    const loud = said.filter((line) => /"level":[4-6]0/.test(line));
    // No kubelet has made any here.
    expect(loud.filter((line) => !line.includes('no pods’ cgroups on this machine'))).toEqual([]);
    expect(said.length).toBeGreaterThan(4);
  });

  test('in such a container nobody can write, become more than uid 65532 or mount', async () => {
    const script = `
      const { writeFileSync, readFileSync } = await import('node:fs');
      const status = readFileSync('/proc/self/status', 'utf8');
      const of = (name) => new RegExp(name + ':\\\\s*(\\\\w+)').exec(status)[1];
      const tried = {};
      for (const path of ['/tmp/x', '/host/cgroup/x', '/var/run/tacho/x'])
        try { writeFileSync(path, ''); tried[path] = 'written'; } catch (error) { tried[path] = error.code; }
      console.log(JSON.stringify({ tried, uid: process.getuid(), effective: of('CapEff'), bounding: of('CapBnd'),
        noNewPrivileges: of('NoNewPrivs'), seccomp: of('Seccomp') }));`;
    const [container] = agentPod.containers;
    const command = ['node', '--input-type=module', '--eval'];
    await using probe = runContainer({
      ...{ name: `tacho-probe-${process.pid}`, folder: image.folder, root: image.root },
      pod: { ...agentPod, containers: [{ ...container, command }] },
      args: [script],
      mounts: [
        { source: trust, destination: '/var/run/tacho' },
        { source: '/sys/fs/cgroup', destination: '/host/cgroup' },
      ],
    });
    await probe.saidAfterMs('"tried"');
    expect(JSON.parse(probe.lines.find((line) => line.includes('"tried"')) ?? '{}')).toEqual({
      tried: { '/tmp/x': 'EROFS', '/host/cgroup/x': 'EROFS', '/var/run/tacho/x': 'EROFS' },
      ...{ uid: 65532, effective: '0000000000000000', bounding: '0000000000000000' },
      // 2: a filter.
      ...{ noNewPrivileges: '1', seccomp: '2' },
    });
  });
});
