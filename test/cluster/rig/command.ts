import { spawn } from 'node:child_process';

export interface CommandOptions {
  /** Given to its standard input. */
  readonly input?: string;
  /** After that it is killed; two minutes unless told. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; 0 means that the command succeeded. */
  readonly code: number;
}

const defaultTimeoutMs = 120_000;

/**
 * Runs a command to its end; one that fails is a result. It does not outlive this process.
 * @throws when it cannot be started or its time is over
 */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const { input = '', timeoutMs = defaultTimeoutMs, env = {} } = options;
  const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], { env: { ...env } });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const words = argv.join(' ');
  child.once('error', (cause) => reject(new Error(`running ${words}: ${cause.message}`, { cause })));
  child.once('close', (code, signal) => {
    clearTimeout(timer);
    if (code !== null) resolve({ ...output, code });
    else
      reject(
        new Error(`running ${words}: ended by ${signal} within ${timeoutMs} ms; it said:\n${output.stderr}`),
      );
  });
  // A command that does not read its input is not at fault.
  child.stdin.once('error', () => undefined);
  child.stdin.end(input);
  return promise;
}

/** Its output. @throws with what it said when it fails */
export function outputOf(argv: readonly string[], { code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout;
  throw new Error(`${argv.join(' ')} ended with exit code ${code}: ${stderr.trim() || stdout.trim()}`);
}
