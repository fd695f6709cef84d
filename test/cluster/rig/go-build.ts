import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Tells a person what is being done. */
export type Log = (line: string) => void;

/** One run of Go. */
export interface GoBuild {
  readonly what: string;
  /** Arguments of go, but for where the result goes. Of `build` the first two are `-C` and a folder. */
  readonly args: readonly string[];
  /** Name of the result; without one the packages are installed under their own names. */
  readonly output?: string;
}

const stillBuildingEveryMs = 30_000;

/** Where programs stay that are the same as long as `fingerprint` is. */
export function programFolder(fingerprint: string): string {
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'tacho', 'cluster', fingerprint);
}

/** Runs the builds into `folder` unless it is there; it comes into being whole or not at all. */
export async function buildInto(
  folder: string,
  go: string,
  builds: readonly GoBuild[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (existsSync(folder)) return;
  const unfinished = `${folder}.${randomUUID()}`;
  await mkdir(unfinished, { recursive: true });
  try {
    for (const build of builds) await runBuild(go, build, unfinished, log, signal);
    await rename(unfinished, folder).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runBuild(
  go: string,
  build: GoBuild,
  folder: string,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const startMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - startMs) / 1000)} s`;
  log(`building ${build.what}, once for this version`);
  const progress = setInterval(
    () => log(`building ${build.what}: ${seconds()} so far`),
    stillBuildingEveryMs,
  );
  const [command = '', ...rest] = build.args;
  // -C must come first.
  const [first, second, ...others] = rest;
  const args =
    build.output === undefined
      ? build.args
      : [command, ...[first ?? '', second ?? ''], '-o', join(folder, build.output), ...others];
  // Go's own folder must be found by the tools that it starts.
  const env = { ...process.env, GOBIN: folder, PATH: `${dirname(go)}:${process.env['PATH'] ?? ''}` };
  const child = spawn(go, args, { env, stdio: ['ignore', 'ignore', 'pipe'], signal, killSignal: 'SIGINT' });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`building ${build.what}: go ${command} ended with ${code}\n${errors}`));
      });
    });
  } finally {
    clearInterval(progress);
  }
  log(`built ${build.what} in ${seconds()}`);
}
