import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KubectlVersion, kubectlBinary } from './kubectl-binary.ts';

export interface KubectlOptions {
  /** Text of the kubeconfig. */
  kubeconfig: string;
  signal: AbortSignal;
  /** More of its environment, which is otherwise empty: `KUBE_EDITOR`. */
  env?: Readonly<Record<string, string>>;
}

export interface KubectlResult {
  /** Exit code; 0 means that the command succeeded. */
  code: number;
  stdout: string;
  stderr: string;
}

const outputLimitBytes = 64 * 1024 * 1024;

/**
 * Runs real kubectl in a home of its own, so that neither the user's configuration nor a cached discovery counts.
 * A command that fails is a result, not an error. @throws when kubectl cannot be started or the signal ends it
 */
export async function runKubectl(
  version: KubectlVersion,
  args: readonly string[],
  { kubeconfig, signal, env: more = {} }: KubectlOptions,
): Promise<KubectlResult> {
  const binary = await kubectlBinary(version);
  const home = await mkdtemp(join(tmpdir(), 'tacho-kubectl-'));
  try {
    const configPath = join(home, 'kubeconfig');
    await writeFile(configPath, kubeconfig, { mode: 0o600 });
    const own = { HOME: home, KUBECONFIG: configPath, KUBECACHEDIR: join(home, 'cache'), KUBERC: 'off' };
    // Where `kubectl edit` leaves a copy of what it could not write.
    const env = { ...more, ...own, TMPDIR: home };
    return await run(binary, args, { env, cwd: home, signal });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function run(
  binary: string,
  args: readonly string[],
  options: { env: Record<string, string>; cwd: string; signal: AbortSignal },
): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    execFile(binary, args, { ...options, maxBuffer: outputLimitBytes }, (error, stdout, stderr) => {
      if (!error) resolve({ code: 0, stdout, stderr });
      // A number is an exit code; a start that failed has a word such as ENOENT, a killed process has none.
      else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}
