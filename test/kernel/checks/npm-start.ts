import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { KernelContext } from '../context.ts';
import type { KernelCheck } from './kernel-check.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../one-machine/main.ts', import.meta.url));
const TABLE_MS = 30_000;
/** An empty program's run in a guest on a machine with no other work: the bound is for a guest of that speed. */
const USUAL_EMPTY_RUN_MS = 1200;
/** From when everything is started: the agent takes up to ten seconds to be loaded. */
const SHOWS_FOR_SECONDS = 25;
const ENDS_MS = 120_000;

/** Everything that a run could leave: cgroups, files, processes with a command line (kernel threads have none). */
function whatIsThere(context: KernelContext): ReadonlySet<string> {
  const below = (folder: string) => {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return names.map((name) => join(folder, name));
  };
  const commandOf = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    } catch {
      return '';
    }
  };
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, command: commandOf(pid) }))
    .filter(({ command }) => command !== '')
    .map(({ pid, command }) => `process ${pid}: ${command}`);
  const cgroups = readdirSync(context.rootFile(''), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `cgroup ${name}`);
  return new Set([...cgroups, ...[tmpdir(), '/tmp'].flatMap(below), ...processes]);
}

/** How long the guest takes at this moment to run a program that does nothing, in ms. */
function emptyRunMs(): number {
  const start = performance.now();
  assert.equal(spawnSync(execPath, ['-e', '0']).status, 0);
  return performance.now() - start;
}

const npmStart: KernelCheck = {
  name: 'npm start shows every workload within 30 s, ends by itself and leaves nothing',
  needs: ['cpu', 'memory'],
  async run(context) {
    const before = whatIsThere(context);
    const first = emptyRunMs();
    const emptyRunsMs = [first];
    const seconds = Math.ceil(SHOWS_FOR_SECONDS * Math.max(1, first / USUAL_EMPTY_RUN_MS));
    const child = spawn(execPath, [MAIN, `--for=${seconds}s`], { stdio: ['ignore', 'pipe', 'pipe'] });
    const exited = once(child, 'exit');
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      const isShown = (pod: string) =>
        new RegExp(`^default +${pod} +main +\\d+m +[\\d.]+Mi`, 'm').test(output);
      const hasTable = () => ['cpu-quota', 'memory', 'idle', 'restarting'].every(isShown);
      const tableMs = await until('the table', () => hasTable() || child.exitCode !== null, ENDS_MS);
      const shown = hasTable();
      emptyRunsMs.push(emptyRunMs());
      const slowness = Math.max(1, Math.max(...emptyRunsMs) / USUAL_EMPTY_RUN_MS);
      const took = `after ${Math.round(tableMs)} ms, in a guest ${slowness.toFixed(2)} times as slow as usual`;
      process.stdout.write(`npm start: the table was there ${took}\n`);
      assert.ok(shown && tableMs < TABLE_MS * slowness, `no table within 30 s but ${took}:\n${output}`);
      assert.ok([...whatIsThere(context)].some((path) => path.startsWith('cgroup tacho-')));
      const ended = AbortSignal.timeout(ENDS_MS);
      await Promise.race([exited, once(ended, 'abort')]);
      assert.equal(child.exitCode, 0, output);
    } finally {
      child.kill('SIGKILL');
      await exited;
    }
    const left = [...whatIsThere(context)].filter((thing) => !before.has(thing));
    assert.deepEqual(left, []);
  },
};

export const checks: readonly KernelCheck[] = [npmStart];
