import { execFile } from 'node:child_process';

/** How a client program ended. */
export interface ProcessResult {
  /** Exit code; 0 means that it succeeded. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const longestMs = 10 * 60_000;

/** Runs a program to its end; one that fails is a result. @throws when it cannot be started or its time is over */
export function run(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProcessResult> {
  const env = { ...process.env, ...options.env };
  return new Promise((resolve, reject) => {
    execFile(
      program,
      args,
      { ...options, env, timeout: longestMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (!error) resolve({ code: 0, stdout, stderr });
        else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
        else reject(error);
      },
    );
  });
}

/** Its output. @throws with what it said when it failed */
export function outputOf(what: string, { code, stdout, stderr }: ProcessResult): string {
  if (code === 0) return stdout;
  throw new Error(`${what} ended with exit code ${code}: ${stderr.trim() || stdout.trim()}`);
}
