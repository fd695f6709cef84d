import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterDnsObjects } from './cluster-dns.ts';
import type { KubernetesApi } from './kubernetes-api.ts';
import { controlPlaneAddress, type Network, serviceNetwork } from './network.ts';
import type { Processes } from './processes.ts';
import { waitWhileMissing } from './wait-while-missing.ts';

export interface ControlPlaneOptions {
  /** Folder of the cluster. */
  readonly folder: string;
  /** Folder of the binaries. */
  readonly binaries: string;
  /** After so many seconds of silence a node is Unknown; Kubernetes' default is 50. */
  readonly graceSeconds: number;
}

export interface ControlPlane {
  /** Resolves when kube-apiserver is ready and the cluster's DNS has its Service. */
  start(signal: AbortSignal): Promise<void>;
  /** etcd keeps its contents for the next start. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

const readyWithinMs = 120_000;
const inOrder = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'coredns'];
const etcdUrl = 'http://127.0.0.1:2379';

export function createControlPlane(
  deps: { readonly processes: Processes; readonly network: Network; readonly api: KubernetesApi },
  { folder, binaries, graceSeconds }: ControlPlaneOptions,
): ControlPlane {
  const { processes, network, api } = deps;
  const pki = (file: string) => join(folder, 'pki', file);
  const servers = join(binaries, 'servers');
  const start = (name: string, argv: readonly string[]) =>
    processes.start(name, [...network.enter(), ...argv]);
  const kubeconfigs = (name: string) =>
    ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map(
      (flag) => `--${flag}=${pki(`${name}.conf`)}`,
    );

  const etcd = () => [
    ...[servers, 'etcd', `--data-dir=${join(folder, 'etcd')}`, '--unsafe-no-fsync', '--log-level=warn'],
    ...[`--listen-client-urls=${etcdUrl}`, `--advertise-client-urls=${etcdUrl}`],
    '--listen-peer-urls=http://127.0.0.1:2380',
  ];

  const apiserver = () => [
    ...[
      servers,
      'kube-apiserver',
      `--etcd-servers=${etcdUrl}`,
      `--service-cluster-ip-range=${serviceNetwork}`,
    ],
    ...[`--bind-address=${controlPlaneAddress}`, `--advertise-address=${controlPlaneAddress}`],
    ...[`--tls-cert-file=${pki('apiserver.crt')}`, `--tls-private-key-file=${pki('apiserver.key')}`],
    ...[`--client-ca-file=${pki('ca.crt')}`, '--authorization-mode=Node,RBAC', '--allow-privileged'],
    '--enable-admission-plugins=NodeRestriction',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki('sa.pub')}`,
    `--service-account-signing-key-file=${pki('sa.key')}`,
    // Kubelets are verified, as a cluster should and few do.
    `--kubelet-certificate-authority=${pki('ca.crt')}`,
    `--kubelet-client-certificate=${pki('apiserver-kubelet.crt')}`,
    `--kubelet-client-key=${pki('apiserver-kubelet.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // The aggregation layer, and straight to the pods' addresses: no kube-proxy runs beside kube-apiserver.
    `--requestheader-client-ca-file=${pki('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki('front-proxy.crt')}`,
    `--proxy-client-key-file=${pki('front-proxy.key')}`,
    '--enable-aggregator-routing=true',
  ];

  const controllerManager = () => [
    ...[servers, 'kube-controller-manager', ...kubeconfigs('controller-manager')],
    ...['--bind-address=127.0.0.1', '--leader-elect=false', '--use-service-account-credentials'],
    ...[`--root-ca-file=${pki('ca.crt')}`, `--service-account-private-key-file=${pki('sa.key')}`],
    ...[`--node-monitor-grace-period=${graceSeconds}s`, '--node-monitor-period=2s'],
  ];

  const scheduler = () => [
    ...[servers, 'kube-scheduler', ...kubeconfigs('scheduler')],
    ...['--bind-address=127.0.0.1', '--leader-elect=false'],
  ];

  const corefile = `.:53 {
  bind ${controlPlaneAddress}
  errors
  kubernetes cluster.local in-addr.arpa {
    kubeconfig ${pki('coredns.conf')}
  }
  cache 5
}
`;

  async function readyz(): Promise<string | undefined> {
    for (const name of ['etcd', 'kube-apiserver']) {
      if (!processes.isRunning(name))
        throw new Error(`starting the control plane: ${name} has ended:\n${processes.tail(name)}`);
    }
    try {
      const { status, body } = await api.get('/readyz', { timeoutMs: 5_000 });
      return status === 200 ? undefined : `/readyz says ${status} ${body}`;
    } catch (error) {
      return String(error);
    }
  }

  async function publishDns(): Promise<string | undefined> {
    for (const { path, object } of clusterDnsObjects) {
      // There from before the last restart. Asked first: of a Service that exists, its address is refused and not its name.
      if ((await api.get(`${path}/${object.metadata.name}`)).status === 200) continue;
      const { status, body } = await api.post(path, object);
      if (status !== 201) return `POST ${path} says ${status} ${body}`;
    }
    return undefined;
  }

  return {
    async start(signal) {
      await start('etcd', etcd());
      await start('kube-apiserver', apiserver());
      await waitWhileMissing('kube-apiserver ready', readyz, { atMostMs: readyWithinMs, signal });
      await start('kube-controller-manager', controllerManager());
      await start('kube-scheduler', scheduler());
      // The allocator of Service addresses may need a moment more than /readyz says.
      await waitWhileMissing('the Service of the DNS', publishDns, { atMostMs: readyWithinMs, signal });
      writeFileSync(join(folder, 'Corefile'), corefile);
      await start('coredns', [join(binaries, 'coredns'), '-conf', join(folder, 'Corefile')]);
    },
    async stop(ending = 'SIGTERM') {
      for (const name of inOrder.toReversed()) await processes.stop(name, ending);
    },
  };
}
