import type { CommandOptions, CommandResult } from './command.ts';
import type { KubernetesApi } from './kubernetes-api.ts';

/** A node as tests see it. */
export interface ClusterNode {
  readonly name: string;
  readonly cgroup: 'v1' | 'v2';
  readonly driver: 'cgroupfs' | 'systemd';
}

/** A running Kubernetes cluster. What only one made here has is absent elsewhere. */
export interface Cluster {
  readonly name: string;
  /** Where its files are: `log/`, `nodes/<name>/out/` for the logs of a node, `kubeconfig`. */
  readonly folder: string;
  /** Path of the administrator's kubeconfig; its address is reached by `run` only. */
  readonly kubeconfig: string;
  readonly nodes: readonly ClusterNode[];
  /** Name of tacho's image. */
  readonly tacho: string;
  /** Image with a shell, on every node. */
  readonly busybox: string;
  /** Path of kubectl 1.37, built from the source of the cluster's servers; 1.36 where that was not done. */
  readonly kubectlPath: string;
  readonly kubectl136Path: string;
  readonly helmPath: string;
  /** kube-apiserver as the administrator, without a process for each read. */
  readonly api: KubernetesApi;
  /** A command in the cluster's network, with KUBECONFIG set. A command that fails is a result. */
  run(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Output of kubectl 1.37. @throws with what it said when it fails */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>;
  kubectl136(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** Output of Helm 4. @throws with what it said when it fails */
  helm(args: readonly string[], options?: CommandOptions): Promise<string>;
  /** `kubectl apply` of objects. */
  apply(objects: readonly object[]): Promise<string>;
  /** An OCI archive onto every node, now and at each later boot; resolves when all have it. */
  importImage(file: string): Promise<void>;
  readonly power?: { kill(node: string): Promise<void>; start(node: string): Promise<void> };
  /** Cutting drops everything that goes to or comes from a node. */
  readonly network?: { cut(node: string): Promise<void>; heal(node: string): Promise<void> };
  readonly controlPlane?: {
    start(signal: AbortSignal): Promise<void>;
    stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  };
  /** Programs that go on in the cluster's network beside its own servers, on record as these are. */
  readonly programs?: {
    start(name: string, argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
    isRunning(name: string): boolean;
    stop(name: string): Promise<void>;
    /** The last lines that it wrote. */
    tail(name: string): string;
  };
  /** Manifests that a kubelet runs by itself, as files of its folder. */
  readonly staticPods?: {
    put(node: string, file: string, manifest: string): Promise<void>;
    remove(node: string, file: string): Promise<void>;
  };
  /** Takes it down and leaves nothing; for a cluster that was not made here: lets go of it. */
  down(): Promise<void>;
}
