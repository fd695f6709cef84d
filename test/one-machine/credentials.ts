import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admin, type StandInKubeApiserver } from '../stand-ins/kube-apiserver/kube-apiserver.ts';
import { boundTo, type TokenClaims } from '../stand-ins/kube-apiserver/tokens.ts';
import { newRunName } from '../stand-ins/kubelet/run-name.ts';

/** Where tacho would be installed. */
export const namespace = 'tacho';
/** Name in the aggregator's certificate, as the chart's Service would have it. */
export const serverName = 'tacho-aggregator.tacho.svc';
/** Service account of the agents. */
export const agentAccount = 'tacho/tacho-agent';
export const agentAudience = 'tacho-aggregator';
const aggregatorUser = 'system:serviceaccount:tacho:tacho-aggregator';
const serviceAccountGroups = [
  'system:serviceaccounts',
  'system:serviceaccounts:tacho',
  'system:authenticated',
];

/** A folder of this run's own with what Secrets and projected volumes are on a cluster. */
export interface Credentials {
  path(name: string): string;
  /** Text and file of an admin's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /**
   * Issues the token of an agent's pod on this node, of a pod of its own unless one is given.
   * @param claims what is unlike an ordinary token
   * @returns its file, the same for the same pod
   */
  writeAgentToken(nodeName: string, podUid?: string, claims?: Partial<TokenClaims>): string;
  remove(): void;
}

/** Issues certificates and tokens and writes them where the programs read them. */
export async function writeCredentials(apiserver: StandInKubeApiserver): Promise<Credentials> {
  const folder = join(tmpdir(), newRunName(process.pid));
  mkdirSync(folder, { mode: 0o700 });
  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(path(name), text, { mode: 0o600 });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const serving = await apiserver.pki.servingCa.issueServing([serverName, 'localhost', '127.0.0.1']);
    write('ca.crt', apiserver.pki.servingCa.certificate);
    write('serving.crt', serving.certificate);
    write('serving.key', serving.key);
    const token = apiserver.issueToken({ username: aggregatorUser, groups: serviceAccountGroups });
    write('aggregator-kubeconfig', await apiserver.kubeconfig({ token }));
    const kubeconfig = await apiserver.kubeconfig(admin);
    write('kubeconfig', kubeconfig);
    return {
      path,
      kubeconfig,
      kubeconfigFile: path('kubeconfig'),
      writeAgentToken(nodeName, podUid = randomUUID(), claims = {}) {
        write(`token-${podUid}`, apiserver.issueToken({ ...agentClaims(nodeName, podUid), ...claims }));
        return path(`token-${podUid}`);
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

function agentClaims(nodeName: string, podUid: string): TokenClaims {
  return {
    username: `system:serviceaccount:${agentAccount.replace('/', ':')}`,
    groups: serviceAccountGroups,
    audiences: [agentAudience],
    extra: boundTo(`tacho-agent-${podUid}`, podUid, nodeName),
  };
}
