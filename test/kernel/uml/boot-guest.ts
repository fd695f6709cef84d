import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { createGuestExchange, type GuestExchange } from './guest-exchange.ts';
import { compilePtracePadding, needsPtracePadding, PTRACE_PANIC } from './ptrace-padding.ts';

const MEMORY_MIB = 1500;
/** After its own time the guest powers off by itself; only one that hangs needs the host. */
const GRACE_MS = 30_000;

export interface GuestOptions {
  readonly command: readonly string[];
  /** The guest's command sees these, TMPDIR and nothing else of the host's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The same path in the guest: its root file system is the host's, read only. */
  readonly workingDirectory: string;
  /** For boot and command together. */
  readonly timeoutMs: number;
  readonly onOutput?: (text: string) => void;
  readonly signal?: AbortSignal;
  /** Preloads ptrace-padding.c; by default where the processor needs it. */
  readonly padded?: boolean;
}

export interface GuestEnded {
  readonly kind: 'ended';
  readonly code: number;
  /** Kernel messages and the command's output and errors, in the order they came. */
  readonly output: string;
}

export interface GuestRefused {
  readonly kind: 'refused';
  /** One sentence. */
  readonly reason: string;
}

/** Why no guest can be booted on this machine, in one sentence; undefined when it can. */
export function whyNoGuest(): string | undefined {
  const { error } = spawnSync('linux.uml', ['--version'], { stdio: 'ignore' });
  if (error === undefined) return undefined;
  return `there is no User-Mode Linux here: linux.uml of the Debian package user-mode-linux is missing (${error.message})`;
}

/**
 * Runs a command as root in a User-Mode Linux guest: a kernel of its own with pure cgroup v2, one processor, no network
 * but its loopback. Rejects when the guest stops before the command has ended, or is not done in time.
 */
export async function bootGuest(options: GuestOptions): Promise<GuestEnded | GuestRefused> {
  const reason = whyNoGuest();
  if (reason !== undefined) return { kind: 'refused', reason };
  const first = await bootOnce(options, options.padded ?? needsPtracePadding());
  const last = first.output.includes(PTRACE_PANIC) ? await bootOnce(options, true) : first;
  if (last.code === undefined) {
    throw new Error(
      `running a command in a guest: expected its exit code, found none; the guest said:\n${last.output}`,
    );
  }
  return { kind: 'ended', code: last.code, output: last.output };
}

async function bootOnce(options: GuestOptions, padded: boolean): Promise<{ code?: number; output: string }> {
  const exchange = createGuestExchange({
    command: options.command,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', ...options.env },
    workingDirectory: options.workingDirectory,
    timeoutSeconds: options.timeoutMs / 1000,
  });
  const timeout = AbortSignal.timeout(options.timeoutMs + GRACE_MS);
  try {
    const guest = spawnGuest(exchange, padded ? compilePtracePadding(exchange.folder) : undefined);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    const output = await outputOf(guest, signal, options.onOutput ?? (() => undefined));
    const code = exchange.readExitCode();
    return code === undefined ? { output } : { code, output };
  } finally {
    exchange.remove();
  }
}

function spawnGuest({ folder }: GuestExchange, preload: string | undefined): ChildProcess {
  const args = [
    `mem=${MEMORY_MIB}M`,
    // Its pid file and control socket, which it would put below the home folder.
    `uml_dir=${folder}`,
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    'con=null',
    'con0=fd:0,fd:1',
    // A panic only.
    'loglevel=1',
    `EXCHANGE=${folder}`,
    'init=/bin/sh',
    '--',
    join(import.meta.dirname, 'init.sh'),
  ];
  return spawn('linux.uml', args, {
    cwd: folder,
    // A group of its own: the processes of the guest are processes of the host as well, and all must be ended.
    detached: true,
    env: { PATH: '/usr/bin:/bin', TMPDIR: memoryFolder(folder), ...(preload ? { LD_PRELOAD: preload } : {}) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The guest's memory is a file. In a container /dev/shm is often 64 MiB; then a folder on a disk must do. */
function memoryFolder(fallback: string): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize > MEMORY_MIB * 1024 * 1024 ? '/dev/shm' : fallback;
  } catch {
    return fallback;
  }
}

function outputOf(
  guest: ChildProcess,
  signal: AbortSignal,
  onOutput: (text: string) => void,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const collect = (chunk: string) => {
      // The console is a terminal.
      const text = chunk.replaceAll('\r', '');
      output += text;
      onOutput(text);
    };
    const abort = () => killGroup(guest);
    for (const stream of [guest.stdout, guest.stderr]) stream?.setEncoding('utf8').on('data', collect);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    guest.once('error', reject);
    guest.once('close', () => {
      signal.removeEventListener('abort', abort);
      killGroup(guest);
      if (signal.aborted) reject(new Error(`running a guest: ${signal.reason}; it said:\n${output}`));
      else resolve(output);
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    kill(-pid, 'SIGKILL');
  } catch {
    // All gone.
  }
}
