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

/** Where a pod of the agents is. */
export interface AgentPodPlace {
  readonly name: string;
  readonly nodeName: string;
}

interface AgentPod extends AgentPodPlace {
  readonly createdMs: number;
  readonly terminating: boolean;
  readonly reporting: boolean;
}

/** UIDs never come back; those that went last are enough to know a token that outlives its pod by a moment. */
const mostGone = 10_000;

/** The pods of the agents' service account, by UID: which nodes should report, and which of two agents is to be heard. */
export class AgentPods implements ReflectorTarget<AgentPodObject> {
  readonly #username: string | undefined;
  readonly #pods = new Map<string, AgentPod>();
  readonly #uids = new Map<string, string>();
  readonly #gone = new Set<string>();

  /** @param username `system:serviceaccount:<namespace>:<name>` of the agents, or of others who push; undefined: of nobody */
  constructor(username: string | undefined) {
    this.#username = username;
  }

  /**
   * Nodes whose agent runs. Not one that is terminating, nor one that is not ready: kube-controller-manager says that of every
   * pod of a node which has fallen silent, and kubelets of a container that keeps ending.
   */
  nodes(): ReadonlySet<string> {
    return new Set([...this.#pods.values()].filter((pod) => pod.reporting).map((pod) => pod.nodeName));
  }

  /** Nodes with an agent that may yet run: its pod is scheduled there, but not running or not ready. */
  starting(): ReadonlySet<string> {
    const pods = [...this.#pods.values()].filter(({ terminating, reporting }) => !terminating && !reporting);
    return new Set(pods.map((pod) => pod.nodeName));
  }

  /** Where the pod of this UID is; undefined for one that the watch has never told of. */
  find(uid: string): AgentPodPlace | 'gone' | undefined {
    return this.#pods.get(uid) ?? (this.#gone.has(uid) ? 'gone' : undefined);
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
    const listed = new Set(objects.map(({ metadata }) => metadata.uid));
    for (const uid of this.#pods.keys()) if (!listed.has(uid)) this.#bury(uid);
    for (const object of objects) this.set(object);
  }

  set({ metadata, spec, status }: AgentPodObject): void {
    const { name, uid } = metadata;
    if (`system:serviceaccount:${metadata.namespace}:${spec?.serviceAccountName}` !== this.#username) return;
    if (uid === undefined || spec?.nodeName === undefined) return;
    const before = this.#uids.get(name);
    if (before !== undefined && before !== uid) this.#bury(before);
    this.#uids.set(name, uid);
    this.#gone.delete(uid);
    const terminating = metadata.deletionTimestamp !== undefined;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    this.#pods.set(uid, {
      name,
      nodeName: spec.nodeName,
      createdMs: Date.parse(metadata.creationTimestamp ?? ''),
      terminating,
      reporting: !terminating && status?.phase === 'Running' && ready !== 'False',
    });
  }

  remove({ metadata }: AgentPodObject): void {
    this.#bury(metadata.uid ?? '');
  }

  #bury(uid: string): void {
    const pod = this.#pods.get(uid);
    if (pod === undefined) return;
    this.#pods.delete(uid);
    if (this.#uids.get(pod.name) === uid) this.#uids.delete(pod.name);
    this.#gone.add(uid);
    const [oldest] = this.#gone;
    if (this.#gone.size > mostGone && oldest !== undefined) this.#gone.delete(oldest);
  }
}
