import { accessSync, constants } from 'node:fs';
import type { Logger } from 'pino';
import { ContainerNames } from '../pods/container-names.ts';
import type { NameSource } from '../pods/name-source.ts';
import { ApiNames } from './api-names.ts';

/** Where containers' names come from; `auto`: the log links where their directory can be read, else the API. */
export const identities = ['auto', 'logs', 'api'] as const;
export type Identity = (typeof identities)[number];

/** What the flags say of names. */
export interface NamesOptions {
  readonly identity: Identity;
  readonly containerLogs: string;
  readonly nodeName: string;
  /** Undefined: the service account of this pod. */
  readonly kubeconfig: string | undefined;
  /** Whether this process runs in a pod. */
  readonly inPod: boolean;
}

/** What following the API needs; see `FollowPodsDeps`. */
export interface NamesDeps {
  readonly log: Logger;
  readonly wallMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A source of names and what keeps it going. */
export interface OpenNames {
  readonly source: NameSource;
  /** Resolves when the signal says stop. Rejects when the API server cannot even be asked. */
  run(signal: AbortSignal): Promise<void>;
}

/** @throws when the API is asked for and nothing says where it is */
export function openNames(options: NamesOptions, { log, sleep, wallMs }: NamesDeps): OpenNames {
  const { containerLogs, kubeconfig, nodeName, inPod } = options;
  const mayAsk = inPod || kubeconfig !== undefined;
  const wanted =
    options.identity === 'auto' ? (isReadable(containerLogs) || !mayAsk ? 'logs' : 'api') : options.identity;
  log.info({ identity: wanted }, 'containers get their names from here');
  if (wanted === 'logs')
    return { source: new ContainerNames(containerLogs, wallMs), run: async () => undefined };
  if (!mayAsk) {
    throw new Error('Cannot name containers: --identity=api outside of a pod needs --kubeconfig, found none');
  }
  const source = new ApiNames();
  return {
    source,
    async run(signal) {
      // The client takes longer to load than all the rest of the agent.
      const { followPods } = await import('./follow-pods.ts');
      await followPods({ kubeconfig, nodeName }, { names: source, log, sleep }, signal);
    },
  };
}

function isReadable(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
