import { ADD, DELETE, ERROR, UPDATE } from '@kubernetes/client-node';
import type { Logger } from 'pino';
import type { ApiNames } from './api-names.ts';
import { type NodePodsOptions, nodePods } from './node-pods.ts';

/** What following needs. */
export interface FollowPodsDeps {
  readonly names: ApiNames;
  readonly log: Logger;
  /** Resolves after so many milliseconds, or at once when the signal says stop. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const shortestRetryMs = 1_000;
const longestRetryMs = 30_000;

/**
 * Keeps names in step with this node's pods in the API until the signal says stop. What it knows stays while the server is
 * away; the reason is the names' `problem`.
 * @throws when the kubeconfig cannot be read
 */
export async function followPods(
  options: NodePodsOptions,
  { names, log, sleep }: FollowPodsDeps,
  signal: AbortSignal,
): Promise<void> {
  let retryMs = shortestRetryMs;
  const onCurrent = () => {
    if (names.problem !== undefined) log.info('this node’s pods are known from the API');
    retryMs = shortestRetryMs;
    names.problem = undefined;
  };
  const pods = nodePods(options, { onCurrent, sleep, signal });
  pods.on(ADD, (pod) => names.set(pod));
  pods.on(UPDATE, (pod) => names.set(pod));
  pods.on(DELETE, (pod) => names.remove(pod));
  let failed = Promise.withResolvers<unknown>();
  pods.on(ERROR, (error) => failed.resolve(error));
  signal.addEventListener('abort', () => void pods.stop().then(() => failed.resolve(undefined)), {
    once: true,
  });
  while (!signal.aborted) {
    await pods.start();
    const error = await failed.promise;
    if (signal.aborted) return;
    failed = Promise.withResolvers();
    const problem = `cannot follow the pods of node ${options.nodeName} in the API: ${reasonOf(error)}`;
    if (problem !== names.problem) log.warn({ problem }, 'trying again');
    names.problem = problem;
    await sleep(retryMs, signal);
    retryMs = Math.min(retryMs * 2, longestRetryMs);
  }
}

/** Without the headers that the library's own message has. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'number' ? error.code : undefined;
  if (code === undefined || !('body' in error)) return causeOf(error);
  return `API server answered ${code}${saidIn(error.body)}`;
}

/** fetch() says only that it failed; the cause says why. */
function causeOf(error: Error): string {
  const status = 'statusCode' in error ? `API server answered ${error.statusCode} ` : '';
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${status}${error.message}${cause}`;
}

/** The words of a Status, which say which right is missing. */
function saidIn(body: unknown): string {
  try {
    const status = typeof body === 'string' ? JSON.parse(body) : body;
    return typeof status?.message === 'string' ? `: ${status.message}` : '';
  } catch {
    return '';
  }
}
