import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { KernelCgroup } from '../context.ts';

/** A process inside a cgroup, where it was moved before its work began. */
export interface ChildInCgroup {
  /** The first thing that the script wrote. */
  readonly firstOutput: Promise<unknown>;
  /** Ends it and waits until it has ended. */
  end(): Promise<void>;
}

/** Runs `work`, the text of a script, once the process is in the cgroup. */
export function startInCgroup(cgroup: KernelCgroup, work: string): ChildInCgroup {
  const script = `process.stdin.once('data', () => { ${work} })`;
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(process.execPath, ['--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const firstOutput = Promise.race([
    once(child.stdout, 'data'),
    exited.then(() => Promise.reject(new Error('The child ended before it wrote anything'))),
  ]);
  // Not everyone waits for it, and a child that is ended early is no failure then.
  firstOutput.catch(() => undefined);
  if (child.pid === undefined) throw new Error('Cannot start a child process: it has no pid');
  cgroup.enter(child.pid);
  child.stdin.write('start\n');
  return {
    firstOutput,
    end: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
