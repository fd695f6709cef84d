import type { Agent } from 'node:https';
import {
  type ApiServerAccess,
  kubeconfigAccess,
  podAccess,
  type ServiceAddress,
} from './api-server-access.ts';
import { KubeClient } from './kube-client.ts';

/** By which kubeconfig each errand goes; undefined: that of `kubeconfigFile`, and of that one, the pod's own access. */
export interface KubeClientFiles {
  readonly kubeconfigFile: string | undefined;
  readonly authenticationKubeconfigFile?: string | undefined;
  readonly authorizationKubeconfigFile?: string | undefined;
  readonly kubernetesService: ServiceAddress;
}

/** One client for each errand; the same where nothing else is asked for. */
export interface KubeClients {
  readonly client: KubeClient;
  /** Reviews tokens, and reads what kube-apiserver publishes of its trust. */
  readonly authentication: KubeClient;
  /** Reviews accesses. */
  readonly authorization: KubeClient;
}

/** @throws with what was tried and how to mend it */
export async function openKubeClients(files: KubeClientFiles, connections: Agent): Promise<KubeClients> {
  const { kubeconfigFile, authenticationKubeconfigFile, authorizationKubeconfigFile } = files;
  const ofFile = async (flag: string, file: string) =>
    new KubeClient(await fileAccess(flag, file), connections);
  const client =
    kubeconfigFile === undefined
      ? new KubeClient(podAccess(files.kubernetesService), connections)
      : await ofFile('--kubeconfig', kubeconfigFile);
  return {
    client,
    authentication:
      authenticationKubeconfigFile === undefined
        ? client
        : await ofFile('--authentication-kubeconfig', authenticationKubeconfigFile),
    authorization:
      authorizationKubeconfigFile === undefined
        ? client
        : await ofFile('--authorization-kubeconfig', authorizationKubeconfigFile),
  };
}

async function fileAccess(flag: string, file: string): Promise<ApiServerAccess> {
  try {
    return await kubeconfigAccess(file);
  } catch (error) {
    throw new Error(`Cannot use ${flag}=${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
