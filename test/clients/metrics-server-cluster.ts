import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { until } from '../kernel/checks/until.ts';
import { createMetricsReader } from '../one-machine/metrics-reader.ts';
import {
  admin,
  type StandInKubeApiserver,
  startKubeApiserver,
} from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { startFixedKubelet } from './fixed-kubelet.ts';
import { fixedNodes, fixedPods, nodeObject, podObject } from './fixture-objects.ts';

const serverName = 'metrics-server.kube-system.svc';

/** The shortest period that it takes, with a request timeout to match. */
const shortestFlags = ['--metric-resolution=10s', '--kubelet-request-timeout=5s'];
const longestStartMs = 60_000;

/** The fixed cluster again, with a real metrics-server in tacho's place. */
export interface MetricsServerCluster extends AsyncDisposable {
  /** Text of an admin's kubeconfig. */
  readonly kubeconfig: string;
}

/** Resolves when metrics-server serves every node and pod. @throws when it does not within a minute */
export async function startMetricsServerCluster(program: string): Promise<MetricsServerCluster> {
  const stack = new AsyncDisposableStack();
  try {
    const apiserver = stack.use(await startKubeApiserver({ probeIntervalMs: 500 }));
    for (const node of fixedNodes) {
      const kubelet = stack.use(await startFixedKubelet(node, fixedPods, Date.now));
      const object = nodeObject(node);
      const daemonEndpoints = { kubeletEndpoint: { Port: kubelet.port } };
      const status = { ...(object['status'] as Record<string, unknown>), daemonEndpoints };
      apiserver.store.create('nodes', { ...object, status });
    }
    for (const pod of fixedPods) apiserver.store.create('pods', podObject(pod));
    const kubeconfig = await apiserver.kubeconfig(admin);
    const folder = mkdtempSync(join(tmpdir(), 'tacho-metrics-server-'));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    // It does not tell which port it took when it was told 0.
    const port = await freePort();
    const child = start(program, await flags(apiserver, { folder, kubeconfig, port }));
    stack.defer(async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    });
    await allServed(apiserver, port);
    return { kubeconfig, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function flags(
  { pki }: StandInKubeApiserver,
  { folder, kubeconfig, port }: { folder: string; kubeconfig: string; port: number },
): Promise<string[]> {
  const path = (name: string) => join(folder, name);
  const serving = await pki.servingCa.issueServing([serverName, 'localhost']);
  writeFileSync(path('kubeconfig'), kubeconfig, { mode: 0o600 });
  writeFileSync(path('serving.crt'), serving.certificate);
  writeFileSync(path('serving.key'), serving.key, { mode: 0o600 });
  const access = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'];
  return [
    ...access.map((flag) => `--${flag}=${path('kubeconfig')}`),
    `--tls-cert-file=${path('serving.crt')}`,
    `--tls-private-key-file=${path('serving.key')}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--kubelet-use-node-status-port',
    '--deprecated-kubelet-completely-insecure',
    ...shortestFlags,
  ];
}

function start(program: string, args: readonly string[]): ChildProcess {
  return spawn(program, args, { stdio: 'ignore' });
}

/** Registered anew until it answers: the stand-in probes it and serves what it says. */
async function allServed(apiserver: StandInKubeApiserver, port: number): Promise<void> {
  await apiserver.registerApiService({
    group: 'metrics.k8s.io',
    versions: ['v1beta1'],
    url: `https://127.0.0.1:${port}`,
    caBundle: apiserver.pki.servingCa.certificate,
    serverName,
  });
  const reader = createMetricsReader(apiserver, 'v1beta1');
  try {
    await until(
      'metrics-server serves every node and pod',
      async () =>
        (await reader.nodes()).items.length === fixedNodes.length &&
        (await reader.pods()).items.length === fixedPods.length,
      longestStartMs,
    );
  } finally {
    reader.close();
  }
}
