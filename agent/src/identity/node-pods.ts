import {
  CoreV1Api,
  KubeConfig,
  type KubernetesListObject,
  type KubernetesObject,
  ListWatch,
  Watch,
} from '@kubernetes/client-node';
import { type ApiPod, withoutTheRest } from './api-pod.ts';

/** A pod without what names do not need. */
export type NodePod = ApiPod & KubernetesObject;

/** Where the API server is and what is followed. */
export interface NodePodsOptions {
  /** Undefined: the service account of this pod. */
  readonly kubeconfig: string | undefined;
  readonly nodeName: string;
}

/** What following needs. */
export interface NodePodsDeps {
  /** The pods are known as they are now: after a list, or when a watch has been taken up again. */
  readonly onCurrent: () => void;
  /** Resolves after so many milliseconds, or at once when the signal says stop. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A server ends a watch after this, and one that says nothing for longer is dead. */
const watchSeconds = 300;
const listMs = 20_000;

/**
 * List and watch of a node's pods, not started yet.
 * @throws when the kubeconfig cannot be read, or this is no pod
 */
export function nodePods({ kubeconfig, nodeName }: NodePodsOptions, deps: NodePodsDeps): ListWatch<NodePod> {
  const config = access(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  const fieldSelector = `spec.nodeName=${nodeName}`;
  const list = async (): Promise<KubernetesListObject<NodePod>> => {
    const { metadata, items } = await bounded(core.listPodForAllNamespaces({ fieldSelector }), deps);
    deps.onCurrent();
    return { metadata: metadata ?? {}, items: items.map(asNodePod) };
  };
  const delayFn = (ms: number) => deps.sleep(ms, deps.signal);
  return new ListWatch<NodePod>(
    '/api/v1/pods',
    new PodWatch(config, deps),
    list,
    false,
    undefined,
    fieldSelector,
    {
      delayFn,
    },
  );
}

/** A watch with bookmarks, of which only what names need is kept. */
class PodWatch extends Watch {
  readonly #deps: NodePodsDeps;

  constructor(config: KubeConfig, deps: NodePodsDeps) {
    super(config);
    this.#deps = deps;
    // Of the library's own, 30 s: a node whose pods are quiet would ask anew twice a minute.
    Reflect.set(this, 'requestTimeoutMs', (watchSeconds + 30) * 1_000);
  }

  override async watch(
    ...[path, query, callback, done]: Parameters<Watch['watch']>
  ): Promise<AbortController> {
    let hasEnded = false;
    const end = (error: unknown) => {
      hasEnded = true;
      done(error);
    };
    let controller: AbortController;
    try {
      controller = await super.watch(
        path,
        { ...query, allowWatchBookmarks: true, timeoutSeconds: watchSeconds },
        (phase, object) => callback(phase, phase === 'ERROR' ? object : asNodePod(object as ApiPod)),
        end,
      );
    } catch (error) {
      // What it proves itself with could not be read. Nobody awaits a watch that is taken up again.
      if (!hasEnded) end(error);
      return new AbortController();
    }
    // It may have been told to stop while it was connecting.
    if (this.#deps.signal.aborted) controller.abort();
    else if (!hasEnded) this.#deps.onCurrent();
    return controller;
  }
}

function access(kubeconfig: string | undefined): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig === undefined) config.loadFromCluster();
  else config.loadFromFile(kubeconfig);
  return config;
}

function asNodePod(pod: object): NodePod {
  return withoutTheRest(pod as ApiPod) as NodePod;
}

async function bounded<Answer>(answer: Promise<Answer>, { sleep, signal }: NodePodsDeps): Promise<Answer> {
  const answered = new AbortController();
  const late = sleep(listMs, AbortSignal.any([signal, answered.signal])).then((): never => {
    throw new Error(`no answer within ${listMs / 1_000} s`);
  });
  // When the answer wins, nobody listens to it any more.
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
  }
}
