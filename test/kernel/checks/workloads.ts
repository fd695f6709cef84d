import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type CgroupFigures,
  cgroupDirectories,
  readCgroupFigures,
} from '../../stand-ins/kubelet/container-figures.ts';
import { demoPods } from '../../stand-ins/kubelet/pod-spec.ts';
import { startWorkloads } from '../../stand-ins/kubelet/workloads.ts';
import type { KernelContext } from '../context.ts';
import type { KernelCheck } from './kernel-check.ts';

const MIB = 1024 * 1024;
const NOBODY = 65534;
const GROW_DEADLINE_MS = 30_000;
/** A machine with other work may give the spinner less than its quota for a while. */
const MOST_WINDOWS = 6;
const SPIN_WINDOW_MS = 4000;

async function start(context: KernelContext, podName: string, onRestart = () => {}) {
  const workloads = await startWorkloads({
    pods: demoPods(1).filter(({ name }) => name === podName),
    tempDir: context.scratchDirectory,
    onRestart,
  });
  assert.ok(workloads.kind === 'running', workloads.kind === 'refused' ? workloads.reason : '');
  const container = () => workloads.pods[0]?.containers[0] ?? assert.fail(`no container of ${podName}`);
  const figures = () => readCgroupFigures(workloads.cgroupVersion, container().cgroupPath);
  return { workloads, container, figures };
}

/** A v2 subtree as systemd delegates one: its directory and the files to move processes belong to the user. */
function delegateSubtree(root: string): { readonly leaf: string; remove(): void } {
  const [top, leaf] = [`${root}/tacho-kernel-delegated`, `${root}/tacho-kernel-delegated/session`];
  for (const directory of [top, leaf]) {
    mkdirSync(directory);
    for (const file of ['', '/cgroup.procs', '/cgroup.subtree_control'])
      chownSync(directory + file, NOBODY, NOBODY);
  }
  return { leaf, remove: () => [leaf, top].forEach((directory) => void rmdirSync(directory)) };
}

export const checks: readonly KernelCheck[] = [
  {
    name: 'workloads: cpu-quota uses a quarter of a core',
    needs: ['cpu', 'memory'],
    async run(context) {
      const { workloads, figures } = await start(context, 'cpu-quota');
      try {
        let cores = 0;
        for (let windows = 0; windows < MOST_WINDOWS && cores < 0.23; windows += 1) {
          const first = figures();
          await wait(SPIN_WINDOW_MS);
          const second = figures();
          cores = (second.cpuUsec - first.cpuUsec) / (second.monotonicUsec - first.monotonicUsec);
          assert.ok(cores < 0.27, `expected 0.25 cores, found ${cores}`);
        }
        assert.ok(cores > 0.23, `expected 0.25 cores in one window of many, found ${cores}`);
      } finally {
        await workloads.close();
      }
    },
  },
  {
    name: 'workloads: memory holds 128 MiB and a cached file that the working set leaves out',
    needs: ['cpu', 'memory'],
    async run(context) {
      const { workloads, figures } = await start(context, 'memory');
      try {
        const deadline = performance.now() + GROW_DEADLINE_MS;
        // memory.stat may be 2 s behind.
        const settled = ({ anonymousBytes, inactiveFileBytes }: CgroupFigures) =>
          anonymousBytes > 127 * MIB && inactiveFileBytes > 48 * MIB;
        while (!settled(figures()) && performance.now() < deadline) await wait(200);
        const { anonymousBytes, inactiveFileBytes, workingSetBytes } = figures();
        const found = JSON.stringify({ anonymousBytes, inactiveFileBytes, workingSetBytes });
        assert.ok(anonymousBytes > 127 * MIB && anonymousBytes < 131 * MIB, found);
        assert.ok(inactiveFileBytes > 48 * MIB, found);
        assert.ok(workingSetBytes > 128 * MIB && workingSetBytes < 145 * MIB, found);
      } finally {
        await workloads.close();
      }
    },
  },
  {
    name: 'workloads: restarting comes back under another ID, and nothing is left after close()',
    needs: ['cpu', 'memory'],
    async run(context) {
      const restarted = Promise.withResolvers<void>();
      const { workloads, container } = await start(context, 'restarting', restarted.resolve);
      const first = container();
      try {
        await restarted.promise;
        assert.equal(container().restartCount, 1);
        assert.notEqual(container().id, first.id);
        const old = cgroupDirectories(workloads.cgroupVersion, first.cgroupPath);
        assert.deepEqual(old.filter(existsSync), []);
        assert.equal(readdirSync(workloads.containerLogs).length, 2);
      } finally {
        await workloads.close();
      }
      const left = cgroupDirectories(workloads.cgroupVersion, workloads.kubepodsPath);
      assert.deepEqual(left.filter(existsSync), []);
      assert.ok(!existsSync(workloads.containerLogs));
    },
  },
  {
    name: 'workloads: an ordinary user makes them in a delegated v2 subtree',
    needs: ['cpu', 'memory'],
    async run({ layout }) {
      if (layout.mode !== 'v2') return;
      const { leaf, remove } = delegateSubtree(layout.directory);
      const module = new URL('../../stand-ins/kubelet/workloads.ts', import.meta.url).href;
      const script = `
        process.stdin.once('data', async () => {
          process.setgroups([]); process.setgid(${NOBODY}); process.setuid(${NOBODY});
          const { startWorkloads } = await import(${JSON.stringify(module)});
          const workloads = await startWorkloads({ tempDir: '/tmp' });
          const { kind, reason = '', kubepodsPath = '', pods = [] } = workloads;
          await workloads.close?.();
          console.log(JSON.stringify({ kind, reason, kubepodsPath, pods: pods.length }));
          process.exit();
        });`;
      const child = spawn(process.execPath, ['--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      try {
        writeFileSync(`${leaf}/cgroup.procs`, `${child.pid}`);
        child.stdin.write('start\n');
        const answer = JSON.parse(await text(child.stdout)) as {
          kind: string;
          kubepodsPath: string;
          pods: number;
        };
        assert.equal(answer.kind, 'running', JSON.stringify(answer));
        assert.match(answer.kubepodsPath, /^\/tacho-kernel-delegated\/tacho-\d+-[0-9a-f]{8}\/kubepods$/);
        assert.equal(answer.pods, 4);
      } finally {
        child.kill('SIGKILL');
        await wait(100);
        remove();
      }
    },
  },
];
