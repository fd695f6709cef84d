import { join } from 'node:path';
import { helmBinary, kubectlBinary } from '../../kubectl/kubectl-binary.ts';
import type { Cluster } from './cluster.ts';
import { type CommandOptions, outputOf, runCommand } from './command.ts';

type Commands = Pick<
  Cluster,
  'kubectlPath' | 'kubectl136Path' | 'helmPath' | 'run' | 'kubectl' | 'kubectl136' | 'helm' | 'apply'
>;

export interface ClusterCommandsOptions {
  /** Home of the commands, with their caches. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** The words before a command that bring it to where the cluster can be reached. */
  readonly enter: readonly string[];
  /** By default that of the npm package. */
  readonly kubectlPath?: string;
}

/** The commands of a person who works with a cluster, in a home of their own. */
export async function createClusterCommands(options: ClusterCommandsOptions): Promise<Commands> {
  const { folder, kubeconfig, enter } = options;
  const [kubectl136Path, helmPath] = await Promise.all([kubectlBinary('1.36'), helmBinary()]);
  const kubectlPath = options.kubectlPath ?? kubectl136Path;
  const home = join(folder, 'home');
  const own = { HOME: home, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(home, 'kubectl'), KUBERC: 'off' };
  const run = (argv: readonly string[], { env = {}, ...rest }: CommandOptions = {}) =>
    runCommand([...enter, ...argv], {
      ...rest,
      env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin', ...own, ...env },
    });
  const program = (path: string) => async (args: readonly string[], commandOptions?: CommandOptions) =>
    outputOf([path, ...args], await run([path, ...args], commandOptions));
  const kubectl = program(kubectlPath);
  return {
    kubectlPath,
    kubectl136Path,
    helmPath,
    run,
    kubectl,
    kubectl136: program(kubectl136Path),
    helm: program(helmPath),
    apply: (objects) => {
      const list = { apiVersion: 'v1', kind: 'List', items: objects };
      return kubectl(['apply', '-f', '-'], { input: JSON.stringify(list) });
    },
  };
}
