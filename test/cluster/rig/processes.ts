import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, type ProcessIdentity, parseProcessStat, readProcessStat } from './process-identity.ts';

/**
 * The long-lived processes of one cluster. They are known by files in its folder and not by handles, so that another
 * process, or a later one, can end them too.
 */
export interface Processes {
  /** Starts one in a session of its own; output goes to `log/<name>.log`. Resolves when it is on record. */
  start(name: string, argv: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
  isRunning(name: string): boolean;
  /** Its identity as it was recorded, also when it has ended. */
  identity(name: string): ProcessIdentity | undefined;
  /** Ends its whole process group and waits for that; asks with SIGTERM first only when told. */
  stop(name: string, signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Ends all that is on record. */
  stopAll(): Promise<void>;
  /** The last lines of its log, for an error message. */
  tail(name: string): string;
}

const politeMs = 10_000;
const recordedWithinMs = 5_000;
const tailLines = 15;

/** A process notes itself before it becomes the program: whoever starts it may be killed at any moment. */
const recordAndBecome = 'cat /proc/$$/stat >"$0" && exec "$@"';

export function createProcesses(folder: string): Processes {
  const records = join(folder, 'run');
  const logs = join(folder, 'log');
  const recordOf = (name: string) => join(records, `${name}.stat`);
  const logOf = (name: string) => join(logs, `${name}.log`);

  function identity(name: string): ProcessIdentity | undefined {
    try {
      return parseProcessStat(readFileSync(recordOf(name), 'latin1'));
    } catch {
      return undefined;
    }
  }

  async function start(name: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    mkdirSync(records, { recursive: true });
    mkdirSync(logs, { recursive: true });
    rmSync(recordOf(name), { force: true });
    const log = openSync(logOf(name), 'a');
    const child = spawn('/bin/sh', ['-c', recordAndBecome, recordOf(name), ...argv], {
      cwd: folder,
      detached: true,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    child.unref();
    let problem: string | undefined;
    child.once('error', (error) => {
      problem = error.message;
    });
    child.once('exit', (code, signal) => {
      problem = `it ended with ${signal ?? `exit code ${code}`}`;
    });
    const deadlineMs = performance.now() + recordedWithinMs;
    while (identity(name) === undefined) {
      if (problem !== undefined || performance.now() > deadlineMs)
        throw new Error(`starting ${name}: ${problem ?? 'it did not start in time'}\n${tail(name)}`);
      await sleep(5);
    }
  }

  async function stop(name: string, signal: 'SIGTERM' | 'SIGKILL' = 'SIGKILL') {
    const recorded = identity(name);
    if (recorded !== undefined) {
      const startMs = performance.now();
      signalGroup(recorded, signal);
      while (hasGroup(recorded)) {
        const waitedMs = performance.now() - startMs;
        if (waitedMs > politeMs) signalGroup(recorded, 'SIGKILL');
        if (waitedMs > 2 * politeMs)
          throw new Error(`ending ${name}: process group ${recorded.pid} does not end after SIGKILL`);
        await sleep(20);
      }
    }
    rmSync(recordOf(name), { force: true });
  }

  function tail(name: string): string {
    try {
      return readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-tailLines).join('\n');
    } catch {
      return '(no log)';
    }
  }

  return {
    start,
    identity,
    isRunning(name) {
      const recorded = identity(name);
      return recorded !== undefined && isAlive(recorded);
    },
    stop,
    async stopAll() {
      const names = namesIn(records);
      await Promise.all(names.map((name) => stop(name)));
    },
    tail,
  };
}

function namesIn(records: string): readonly string[] {
  try {
    return readdirSync(records).map((file) => file.replace(/\.stat$/, ''));
  } catch {
    return [];
  }
}

function signalGroup(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isOurs(leader)) return;
  try {
    kill(-leader.pid, signal);
  } catch {
    // All gone.
  }
}

/** Whether a process of the group is left that has not ended. */
function hasGroup(leader: ProcessIdentity): boolean {
  if (!isOurs(leader)) return false;
  return readdirSync('/proc').some((entry) => {
    if (!/^\d+$/.test(entry)) return false;
    try {
      const line = readFileSync(`/proc/${entry}/stat`, 'latin1');
      // State, parent and process group follow the name.
      const [state, , group] = line.slice(line.lastIndexOf(')') + 2).split(' ');
      return Number(group) === leader.pid && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}

/** A number is not given out again while a group of that number has members: only a leader with another start is foreign. */
function isOurs({ pid, startTicks }: ProcessIdentity): boolean {
  const now = readProcessStat(pid);
  return now === undefined || now.startTicks === startTicks;
}
