import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type KubectlVersion, kubectlBinary } from './kubectl-binary.ts';

/** A kubectl that goes on until it is told to end, such as `get -w`. */
export interface KubectlStream extends AsyncDisposable {
  /** Lines of standard output so far. */
  readonly lines: readonly string[];
  /** Text of standard error so far. */
  readonly stderr: string;
  /** Resolves with the exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** Starts real kubectl in a home of its own. @throws when there is no such kubectl */
export async function streamKubectl(
  version: KubectlVersion,
  args: readonly string[],
  kubeconfig: string,
): Promise<KubectlStream> {
  const binary = await kubectlBinary(version);
  const home = await mkdtemp(join(tmpdir(), 'tacho-kubectl-'));
  const path = join(home, 'kubeconfig');
  await writeFile(path, kubeconfig, { mode: 0o600 });
  const env = { HOME: home, KUBECONFIG: path, KUBECACHEDIR: join(home, 'cache'), KUBERC: 'off' };
  const child = spawn(binary, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Whoever awaits it is told; a start that failed must not end the whole run.
  ended.catch(() => undefined);
  return {
    lines,
    get stderr() {
      return stderr;
    },
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
      await rm(home, { recursive: true, force: true });
    },
  };
}
