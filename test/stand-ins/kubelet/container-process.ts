import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { ProgramCommand } from './program-command.ts';

export interface ContainerProcess {
  readonly pid: number;
  /** Resolves when the process has ended: an exit code as a shell counts them, 128 + signal number for a signal. */
  readonly ended: Promise<number>;
}

/** Joins the cgroups of the arguments before `--`, says so on descriptor 3, then becomes the program. */
const JOIN_SCRIPT =
  'while [ "$1" != -- ]; do echo $$ >"$1" || exit 125; shift; done; shift; echo joined >&3; exec 3>&-; ';

const SIGNAL_NUMBERS: Partial<Record<NodeJS.Signals, number>> = { SIGKILL: 9, SIGTERM: 15 };

/**
 * Starts a program inside its cgroups: the shell joins them before exec, so all of the program's memory is charged
 * there. Resolves once it has joined; rejects when it could not. What the program writes goes to the descriptor `output`.
 */
export async function startContainerProcess(
  procsFiles: readonly string[],
  { script, args }: ProgramCommand,
  output: number | 'ignore',
): Promise<ContainerProcess> {
  const child = spawn('sh', ['-c', JOIN_SCRIPT + script, 'sh', ...procsFiles, '--', ...args], {
    // Nothing is ever written to standard input: its end tells the program that this process is gone.
    stdio: ['pipe', output, output, 'pipe'],
  });
  const ended = exitCodeOf(child);
  const joined = await firstText(child.stdio[3] as Readable);
  if (joined !== 'joined\n' || child.pid === undefined) {
    throw new Error(`starting a process in ${procsFiles.join(', ')}: it ended with ${await ended}`);
  }
  return { pid: child.pid, ended };
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(127));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? (SIGNAL_NUMBERS[signal] ?? 0) : 0)));
  });
}

function firstText(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    stream.once('data', (chunk) => resolve(String(chunk)));
    for (const event of ['end', 'error', 'close']) stream.once(event, () => resolve(''));
  });
}
