import { type ChildProcess, fork } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** One of tacho's programs, running as a process of its own with its real command line. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Resolves with the JSON of the first log line that has this message, also when it was written before. */
  logged(message: string): Promise<Readonly<Record<string, unknown>>>;
  /** Its last lines of output, for a person. */
  tail(): string;
  /** Resolves with a sentence on how it ended. */
  readonly ended: Promise<string>;
  /** Asks it to end, insists after twenty seconds. */
  stop(): Promise<void>;
  /** Pulls the plug. */
  kill(): Promise<void>;
}

const endWithParent = new URL('end-with-parent.ts', import.meta.url);
const politeMs = 20_000;
const longestTail = 40;

/** Starts a program of the repository; its output also goes to a file. */
export function startProgram(
  name: string,
  main: URL,
  args: readonly string[],
  options: {
    readonly logFile: string;
    readonly nodeArgs?: readonly string[];
    /** The words before the command that run it somewhere else; they must become it. */
    readonly within?: readonly string[];
  },
): Program {
  const [execPath = process.execPath, ...within] = [...(options.within ?? []), process.execPath];
  const child: ChildProcess = fork(fileURLToPath(main), [...args], {
    execPath,
    execArgv: [...within, ...(options.nodeArgs ?? []), '--import', endWithParent.href],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches the whole terminal: the run ends its programs itself, in order.
    detached: true,
    env: { PATH: process.env['PATH'] ?? '' },
  });
  const lines: string[] = [];
  const first = new Map<string, Readonly<Record<string, unknown>>>();
  const waiting = new Map<string, ((entry: Readonly<Record<string, unknown>>) => void)[]>();
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      appendFileSync(options.logFile, `${line}\n`);
      if (lines.push(line) > longestTail) lines.shift();
      const entry = parseLine(line);
      const message = entry?.['msg'];
      if (entry === undefined || typeof message !== 'string' || first.has(message)) return;
      first.set(message, entry);
      for (const resolve of waiting.get(message) ?? []) resolve(entry);
    });
  }
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`${name} could not be started: ${error.message}`));
    child.once('exit', (code, signal) => resolve(`${name} ended with ${signal ?? `exit code ${code}`}`));
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill(signal);
    const insist = sleep(politeMs, 'late', { ref: false });
    if ((await Promise.race([ended, insist])) === 'late') child.kill('SIGKILL');
    await ended;
  };
  return {
    name,
    pid: child.pid ?? -1,
    ended,
    tail: () => lines.join('\n'),
    logged: (message) => {
      const seen = first.get(message);
      if (seen !== undefined) return Promise.resolve(seen);
      const logged = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
        waiting.set(message, [...(waiting.get(message) ?? []), resolve]);
      });
      const early = ended.then((how) => {
        throw new Error(`${how} before it said "${message}"; its last words:\n${lines.join('\n')}`);
      });
      return Promise.race([logged, early]);
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

function parseLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
