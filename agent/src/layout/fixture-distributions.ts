import { directory, id, type LayoutFixture, slice, uid } from './fixture-layout.ts';

const containerd = (number: number) => `cri-containerd-${id(number)}.scope`;
const crio = (number: number) => `crio-${id(number)}.scope`;
const docker = (number: number) => `docker-${id(number)}.scope`;

/** What surrounds the pods on a node with systemd, none of it a container. */
const systemServices = [
  ['/init.scope', 'ignored'],
  ['/system.slice/containerd.service', 'ignored'],
  ['/system.slice/kubelet.service', 'ignored'],
  ['/user.slice/user-1000.slice/session-1.scope', 'ignored'],
] as const;

/** One pod of each QoS class and a static one, with the systemd driver and containerd. */
function systemdContainerd(root = ''): LayoutFixture['cgroups'] {
  return [
    ...systemServices,
    [`${slice('burstable', uid.a, root)}/${containerd(1)}`, 'sandbox'],
    [`${slice('burstable', uid.a, root)}/${containerd(2)}`, 'web/app'],
    [`${slice('burstable', uid.a, root)}/${containerd(3)}`, 'web/sidecar'],
    [`${slice('guaranteed', uid.b, root)}/${containerd(4)}`, 'sandbox'],
    [`${slice('guaranteed', uid.b, root)}/${containerd(5)}`, 'db/app'],
    [`${slice('besteffort', uid.c, root)}/${containerd(6)}`, 'sandbox'],
    [`${slice('besteffort', uid.c, root)}/${containerd(7)}`, 'job/app'],
    [`${slice('burstable', uid.static, root)}/${containerd(8)}`, 'sandbox'],
    [`${slice('burstable', uid.static, root)}/${containerd(9)}`, 'etcd-node1/etcd'],
  ];
}

/** The same with the cgroupfs driver, as containerd and cri-dockerd name them. */
function cgroupfs(root = ''): LayoutFixture['cgroups'] {
  return [
    [`${directory('burstable', uid.a, root)}/${id(1)}`, 'sandbox'],
    [`${directory('burstable', uid.a, root)}/${id(2)}`, 'web/app'],
    [`${directory('burstable', uid.a, root)}/${id(3)}`, 'web/sidecar'],
    [`${directory('guaranteed', uid.b, root)}/${id(4)}`, 'sandbox'],
    [`${directory('guaranteed', uid.b, root)}/${id(5)}`, 'db/app'],
    [`${directory('besteffort', uid.c, root)}/${id(6)}`, 'sandbox'],
    [`${directory('besteffort', uid.c, root)}/${id(7)}`, 'job/app'],
    [`${directory('burstable', uid.static, root)}/${id(8)}`, 'sandbox'],
    [`${directory('burstable', uid.static, root)}/${id(9)}`, 'etcd-node1/etcd'],
  ];
}

const others = (...paths: string[]): LayoutFixture['cgroups'] => paths.map((path) => [path, 'ignored']);

/** Nodes as distributions set them up. */
export const distributions: readonly LayoutFixture[] = [
  { name: 'kubeadm 1.22 and later', version: 'v2', cgroups: systemdContainerd() },
  { name: 'kubeadm on cgroup v1', version: 'v1', cgroups: systemdContainerd() },
  { name: 'kind', version: 'v2', cgroups: systemdContainerd('kubelet') },
  { name: 'kind before systemd', version: 'v1', cgroups: cgroupfs('/kubelet') },
  {
    name: 'minikube with docker',
    version: 'v2',
    cgroups: [
      ...others('/init.scope', '/system.slice/docker.service'),
      [`${slice('burstable', uid.a)}/${docker(1)}`, 'sandbox'],
      [`${slice('burstable', uid.a)}/${docker(2)}`, 'web/app'],
    ],
  },
  {
    name: 'k3s as a unit, systemd driver',
    version: 'v2',
    cgroups: [...others('/system.slice/k3s.service'), ...systemdContainerd()],
  },
  { name: 'k3s without a unit, cgroupfs driver', version: 'v2', cgroups: [...others('/k3s'), ...cgroupfs()] },
  {
    name: 'rke2, systemd driver',
    version: 'v2',
    cgroups: [...others('/system.slice/rke2-agent.service'), ...systemdContainerd()],
  },
  {
    name: 'rke2, cgroupfs driver',
    version: 'v1',
    cgroups: [...others('/system.slice/rke2-server.service'), ...cgroupfs()],
  },
  {
    name: 'microk8s',
    version: 'v2',
    cgroups: [
      ...others('/system.slice/snap.microk8s.daemon-containerd.service', '/snap.microk8s'),
      ...cgroupfs(),
    ],
  },
  {
    name: 'k0s',
    version: 'v2',
    cgroups: [...others('/system.slice/k0sworker.service'), ...cgroupfs()],
  },
  {
    name: 'Talos',
    version: 'v2',
    cgroups: [
      ...others('/init', '/podruntime/kubelet', '/podruntime/runtime', '/system/apid'),
      ...cgroupfs(),
    ],
  },
  {
    name: 'Bottlerocket',
    version: 'v2',
    cgroups: [...others('/runtime.slice/kubelet.service'), ...systemdContainerd()],
  },
  {
    name: 'OpenShift: CRI-O, crun, conmon in the pod, infra container dropped',
    version: 'v2',
    cgroups: [
      ...others('/system.slice/crio.service', `/system.slice/crio-conmon-${id(20)}.scope`),
      [`${slice('burstable', uid.a)}/crio-${id(1)}`, 'ignored'],
      [`${slice('burstable', uid.a)}/${crio(2)}`, 'web/app'],
      [`${slice('burstable', uid.a)}/${crio(2)}/container`, 'ignored'],
      [`${slice('burstable', uid.a)}/crio-conmon-${id(2)}.scope`, 'ignored'],
      [`${slice('guaranteed', uid.b)}/${crio(3)}`, 'sandbox'],
      [`${slice('guaranteed', uid.b)}/${crio(4)}/container`, 'ignored'],
      [`${slice('guaranteed', uid.b)}/${crio(4)}`, 'db/app'],
    ],
  },
  {
    name: 'CRI-O with the cgroupfs driver',
    version: 'v1',
    cgroups: [
      [`${directory('besteffort', uid.c)}/crio-${id(1)}`, 'sandbox'],
      [`${directory('besteffort', uid.c)}/crio-${id(2)}`, 'job/app'],
      [`${directory('besteffort', uid.c)}/crio-conmon-${id(2)}`, 'ignored'],
    ],
  },
  { name: 'GKE and EKS nodes on cgroup v1', version: 'v1', cgroups: cgroupfs() },
  { name: 'AKS nodes on cgroup v1', version: 'v1', cgroups: systemdContainerd() },
  { name: 'GKE, EKS and AKS nodes on cgroup v2', version: 'v2', cgroups: systemdContainerd() },
  {
    name: 'cri-dockerd, systemd driver',
    version: 'v2',
    cgroups: [
      ...others(`/system.slice/var-lib-docker-containers-${id(2)}-mounts-shm.mount`),
      [`${slice('guaranteed', uid.a)}/${docker(1)}`, 'sandbox'],
      [`${slice('guaranteed', uid.a)}/${docker(2)}`, 'web/app'],
    ],
  },
  { name: 'cri-dockerd, cgroupfs driver', version: 'v1', cgroups: cgroupfs() },
];
