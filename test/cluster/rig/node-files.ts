import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pauseImage } from './images.ts';
import { controlPlaneAddress, dnsServiceAddress, nodeAddress, podNetwork, podSubnet } from './network.ts';
import type { RigNode } from './node.ts';

/** Where every part of a node sees the cluster's folder. */
const inNode = '/run/cluster';

export interface NodeFilesOptions {
  /** Folder of the cluster. */
  readonly folder: string;
  /** The kubelet's lease, renewed every quarter of it; Kubernetes' default is 40. */
  readonly leaseSeconds: number;
}

/** Folder of one node in that of its cluster: what it reads, `out` for what it writes, `disk` for what it keeps. */
export const nodeFolder = (folder: string, name: string): string => join(folder, 'nodes', name);

/** Writes what node.sh and its servers read. */
export function writeNodeFiles(node: RigNode, { folder, leaseSeconds }: NodeFilesOptions): void {
  const { name, number } = node;
  const files = nodeFolder(folder, name);
  for (const each of ['cni', 'out/imported', 'static-pods'])
    mkdirSync(join(files, each), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(files, file), text);
  write('settings', `NODE=${name}\nADDRESS=${nodeAddress(number)}\nPOD_NETWORK=${podNetwork}\n`);
  write('routes', routes(number));
  write('resolv.conf', `nameserver ${controlPlaneAddress}\n`);
  write('cni/10-pods.conflist', JSON.stringify(podNetworkPlugins(number)));
  write('containerd.toml', containerdConfig(node, `${inNode}/nodes/${name}`));
  write(
    'kubelet.json',
    JSON.stringify(kubeletConfig(node, `${inNode}/nodes/${name}`, leaseSeconds), null, 2),
  );
}

/** For `ip -batch`: every number that a node may have, also of nodes that this cluster has not. */
function routes(own: number): string {
  const others = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((number) => number !== own);
  const lines = others.map((number) => `route add ${podSubnet(number)} via ${nodeAddress(number)}`);
  return [`route add default via ${controlPlaneAddress}`, ...lines, ''].join('\n');
}

function podNetworkPlugins(number: number): object {
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: podSubnet(number) }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function containerdConfig({ kernel, driver }: RigNode, files: string): string {
  // Where scores may not be lowered, runc would fail at the sandbox, whose score is below that of its parent.
  const keepScores = kernel === 'host' && !mayLowerOomScores();
  return `version = 3
[plugins.'io.containerd.cri.v1.runtime']
  restrict_oom_score_adj = ${keepScores}
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${pauseImage}'
[plugins.'io.containerd.cri.v1.runtime'.cni]
  bin_dirs = ['/usr/lib/cni']
  conf_dir = '${files}/cni'
[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
  runtime_type = 'io.containerd.runc.v2'
  options = { SystemdCgroup = ${driver === 'systemd'} }
`;
}

function kubeletConfig({ name, driver }: RigNode, files: string, leaseSeconds: number): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${inNode}/pki/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${inNode}/pki/${name}.crt`,
    tlsPrivateKeyFile: `${inNode}/pki/${name}.key`,
    cgroupDriver: driver,
    failCgroupV1: false,
    failSwapOn: false,
    nodeLeaseDurationSeconds: leaseSeconds,
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    clusterDNS: [dnsServiceAddress],
    clusterDomain: 'cluster.local',
    resolvConf: `${files}/resolv.conf`,
    volumePluginDir: '/var/lib/kubelet/plugins-exec',
    staticPodPath: `${files}/static-pods`,
    // Files that come from outside of a guest's kernel raise no event in it.
    fileCheckFrequency: '2s',
    // How full the machine's disk is must not decide what a test sees.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi' },
  };
}

/** CAP_SYS_RESOURCE is bit 24; containers and some sandboxes do not have it. */
export function mayLowerOomScores(status: string = readFileSync('/proc/self/status', 'latin1')): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> 24n) & 1n) === 1n;
}
