import { directory, id, type LayoutFixture, slice, uid } from './fixture-layout.ts';

const containerd = (number: number) => `cri-containerd-${id(number)}.scope`;
const a = slice('burstable', uid.a);
const b = slice('besteffort', uid.b);
const aSlice = a.slice(a.lastIndexOf('/') + 1);

/** Nodes on which something is not as usual, whatever the distribution. */
export const oddLayouts: readonly LayoutFixture[] = [
  {
    name: 'a container with cgroups of its own: systemd, docker, a nested cluster',
    version: 'v2',
    cgroups: [
      [`${a}/${containerd(1)}`, 'sandbox'],
      [`${a}/${containerd(2)}`, 'web/app'],
      [`${a}/${containerd(2)}/init.scope`, 'ignored'],
      [`${a}/${containerd(2)}/system.slice/docker-${id(3)}.scope`, 'ignored'],
      [`${a}/${containerd(2)}/docker/${id(4)}`, 'ignored'],
      [`${a}/${containerd(2)}/kubelet.slice${slice('burstable', uid.b)}/${containerd(5)}`, 'ignored'],
    ],
  },
  {
    name: 'a kind cluster in docker beside the node’s own kubelet',
    version: 'v2',
    cgroups: [
      [`${a}/${containerd(1)}`, 'sandbox'],
      [`${a}/${containerd(2)}`, 'web/app'],
      [`/docker/${id(3)}/kubelet/kubepods/pod${uid.b}/${id(4)}`, 'ignored'],
      [
        `/system.slice/docker-${id(5)}.scope${slice('burstable', uid.c, 'kubelet')}/${containerd(6)}`,
        'ignored',
      ],
    ],
  },
  {
    name: 'several kubepods roots: of two cgroups of one container the one with processes counts',
    version: 'v2',
    cgroups: [
      [`${a}/${containerd(1)}`, 'sandbox'],
      [`${a}/${containerd(2)}`, 'web/app'],
      [`${directory('burstable', uid.a)}/${id(1)}`, 'stale'],
      [`${directory('burstable', uid.a)}/${id(2)}`, 'stale'],
      [`${directory('guaranteed', uid.b)}/${id(3)}`, 'sandbox'],
      [`${directory('guaranteed', uid.b)}/${id(4)}`, 'db/app'],
      [`${slice('guaranteed', uid.b)}/${containerd(3)}`, 'stale'],
      [`${slice('guaranteed', uid.b)}/${containerd(4)}`, 'stale'],
    ],
  },
  {
    name: 'systemd kubelet with a cgroupfs runc on v1',
    version: 'v1',
    cgroups: [
      [a, 'ignored'],
      [`/system.slice/containerd.service/${aSlice}:cri-containerd:${id(1)}`, 'sandbox'],
      [`/system.slice/containerd.service/${aSlice}:cri-containerd:${id(2)}`, 'web/app'],
      [`/system.slice/containerd.service/${id(3)}`, 'ignored'],
      [`/system.slice/other.service/${aSlice}:cri-containerd:${id(4)}`, 'ignored'],
    ],
  },
  {
    name: 'systemd kubelet with a cgroupfs runc on v2, and a leftover of a pod that is well',
    version: 'v2',
    cgroups: [
      [a, 'ignored'],
      [`/system.slice/${aSlice}:cri-containerd:${id(1)}`, 'sandbox'],
      [`/system.slice/${aSlice}:cri-containerd:${id(2)}`, 'web/app'],
      [`/kubepods-pod${uid.c.replaceAll('-', '_')}.slice:docker:${id(3)}`, 'ignored'],
      [`${b}/${containerd(5)}`, 'sandbox'],
      [`${b}/${containerd(6)}`, 'db/app'],
      [`/system.slice/${b.slice(b.lastIndexOf('/') + 1)}:cri-containerd:${id(7)}`, 'ignored'],
    ],
  },
  {
    name: 'cgroups-per-qos=false with containerd',
    version: 'v2',
    uids: { web: uid.a },
    alsoNotReported: ['no-kubepods'],
    cgroups: [
      ['/system.slice/containerd.service', 'ignored'],
      [`/k8s.io/${id(1)}`, 'no-pod'],
      [`/k8s.io/${id(2)}`, 'web/app'],
    ],
  },
  {
    name: 'cgroups-per-qos=false with docker, cgroupfs driver',
    version: 'v1',
    uids: { web: uid.a },
    alsoNotReported: ['no-kubepods'],
    cgroups: [
      [`/docker/${id(1)}`, 'no-pod'],
      [`/docker/${id(2)}`, 'web/app'],
      [`/docker/${id(2)}/docker/${id(3)}`, 'ignored'],
      ['/docker/buildkit', 'ignored'],
    ],
  },
  {
    name: 'cgroups-per-qos=false with docker, systemd driver',
    version: 'v2',
    uids: { web: uid.a },
    alsoNotReported: ['no-kubepods'],
    cgroups: [
      [`/system.slice/docker-${id(1)}.scope`, 'no-pod'],
      [`/system.slice/docker-${id(2)}.scope`, 'web/app'],
      [`/system.slice/libpod-${id(3)}.scope`, 'ignored'],
    ],
  },
  {
    name: 'cgroups-per-qos=false with CRI-O, cgroupfs driver',
    version: 'v1',
    uids: { web: uid.a },
    alsoNotReported: ['no-kubepods'],
    cgroups: [
      [`/crio/crio-${id(1)}`, 'no-pod'],
      [`/crio/crio-${id(2)}`, 'web/app'],
      [`/crio/crio-conmon-${id(2)}`, 'ignored'],
    ],
  },
  {
    name: 'cgroups-per-qos=false with CRI-O, systemd driver',
    version: 'v2',
    uids: { web: uid.a },
    alsoNotReported: ['no-kubepods'],
    cgroups: [
      [`/system.slice/crio-${id(2)}.scope`, 'web/app'],
      [`/system.slice/crio-conmon-${id(2)}.scope`, 'ignored'],
    ],
  },
  {
    name: 'kata beside an ordinary pod: its pod is told, no value invented',
    version: 'v2',
    alsoNotReported: ['kata', 'kata'],
    cgroups: [
      [`${directory('besteffort', uid.a)}/kata_${id(1)}`, 'ignored'],
      [`${directory('burstable', uid.c)}/kata_cri-containerd-${id(4)}`, 'ignored'],
      [`/kata_overhead/${id(1)}`, 'ignored'],
      [`${directory('guaranteed', uid.b)}/${id(2)}`, 'sandbox'],
      [`${directory('guaranteed', uid.b)}/${id(3)}`, 'db/app'],
    ],
  },
  ...(['v1', 'v2'] as const).map(
    (version): LayoutFixture => ({
      name: `gVisor on ${version}: the containers’ cgroups are empty, the sandbox’s is not`,
      version,
      cgroups: [
        [`${directory('burstable', uid.a)}/${id(1)}`, 'sandbox'],
        [`${directory('burstable', uid.a)}/${id(2)}`, { code: 'empty-cgroup', linked: 'web/app' }],
        [`${directory('burstable', uid.a)}/${id(3)}`, { code: 'empty-cgroup', linked: 'web/sidecar' }],
      ],
    }),
  ),
  {
    name: 'a given path: nothing else is looked at',
    version: 'v2',
    kubepodsPaths: ['/mine/kubepods'],
    cgroups: [
      [`${directory('burstable', uid.a)}/${id(1)}`, 'ignored'],
      [`/k8s.io/${id(2)}`, 'ignored'],
      [`/mine/kubepods/pod${uid.b}/${id(3)}`, 'starting'],
    ],
  },
  {
    name: 'a given path that does not exist',
    version: 'v2',
    kubepodsPaths: ['/mine/kubepods'],
    alsoNotReported: ['kubepods-path-missing'],
    cgroups: [
      [`${directory('burstable', uid.a)}/${id(1)}`, 'ignored'],
      [`/k8s.io/${id(2)}`, 'ignored'],
    ],
  },
];
