import type { KubeObject, ReflectorTarget } from './reflector.ts';

/** The part of a core/v1 Pod that tells an agent's pod from others, and how it is. */
export interface AgentPodObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: { readonly nodeName?: string; readonly serviceAccountName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

interface AgentPod {
  readonly nodeName: string;
  readonly createdMs: number;
  readonly terminating: boolean;
  readonly reporting: boolean;
}

/** The pods of the agents' service account, by UID: which nodes should report, and which of two agents is to be heard. */
export class AgentPods implements ReflectorTarget<AgentPodObject> {
  readonly #username: string;
  readonly #pods = new Map<string, AgentPod>();

  /** @param username `system:serviceaccount:<namespace>:<name>` of the agents */
  constructor(username: string) {
    this.#username = username;
  }

  /**
   * Nodes whose agent runs. Not one that is terminating, nor one that is not ready: kube-controller-manager says that of every
   * pod of a node which has fallen silent, and kubelets of a container that keeps ending.
   */
  nodes(): ReadonlySet<string> {
    return new Set([...this.#pods.values()].filter((pod) => pod.reporting).map((pod) => pod.nodeName));
  }

  /**
   * Whether one agent's pod must give way to another of the same node: it is on its way out and the other is not, or it
   * was made earlier. False when the watch does not know both.
   */
  isOutdatedBy(uid: string | undefined, otherUid: string | undefined): boolean {
    const pod = this.#pods.get(uid ?? '');
    const other = this.#pods.get(otherUid ?? '');
    if (pod === undefined || other === undefined) return false;
    if (pod.terminating !== other.terminating) return pod.terminating;
    return pod.createdMs < other.createdMs;
  }

  replace(objects: readonly AgentPodObject[]): void {
    this.#pods.clear();
    for (const object of objects) this.set(object);
  }

  set({ metadata, spec, status }: AgentPodObject): void {
    if (`system:serviceaccount:${metadata.namespace}:${spec?.serviceAccountName}` !== this.#username) return;
    if (metadata.uid === undefined || spec?.nodeName === undefined) return;
    const terminating = metadata.deletionTimestamp !== undefined;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    this.#pods.set(metadata.uid, {
      nodeName: spec.nodeName,
      createdMs: Date.parse(metadata.creationTimestamp ?? ''),
      terminating,
      reporting: !terminating && status?.phase === 'Running' && ready !== 'False',
    });
  }

  remove({ metadata }: AgentPodObject): void {
    this.#pods.delete(metadata.uid ?? '');
  }
}
