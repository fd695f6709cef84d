import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findSignalHierarchies } from 'node-cgroup-stats';
import type { KernelContext } from '../context.ts';
import { startInCgroup } from './child-process.ts';
import type { KernelCheck } from './kernel-check.ts';
import { readKernelText } from './kernel-text.ts';
import { isV2 } from './opened-cgroup.ts';
import { isRemoved } from './remove-cgroup.ts';
import { known, openSignals } from './signals-opened.ts';
import { until } from './until.ts';

const MOST_PIDS = 50;
const WRITTEN_BYTES = 4 * 2 ** 20;
const END_MS = 10_000;

/** Hierarchies of v1 that cgroups of these checks are not in of themselves. */
function besides(context: KernelContext): readonly string[] {
  if (isV2(context)) return [];
  const { layout } = context;
  const { pidsDirectory, blkioDirectory } = layout.mode === 'v2' ? {} : findSignalHierarchies(layout);
  return [pidsDirectory, blkioDirectory].filter((directory) => directory !== undefined);
}

const pidsAndIo: KernelCheck = {
  name: 'signals: processes, their limit and what was written to a disk are what the files say, or the reason is told',
  needs: ['cpu', 'memory'],
  async run(context) {
    const signals = openSignals(context);
    const made = await context.makeCgroup('pids');
    const dirs = besides(context).map((directory) => join(directory, made.path));
    for (const dir of dirs) mkdirSync(dir);
    const file = (name: string) =>
      [...dirs, ...made.dirs].map((dir) => join(dir, name)).find((path) => existsSync(path));
    const enter = (pid: number) => {
      made.enter(pid);
      for (const dir of dirs) writeFileSync(join(dir, 'cgroup.procs'), `${pid}`);
    };
    const path = JSON.stringify(join(context.scratchDirectory, `tacho-kernel-${process.pid}-written`));
    const child = startInCgroup(
      { ...made, enter },
      `const fs = require('node:fs');
       const fd = fs.openSync(${path}, 'w');
       fs.writeSync(fd, Buffer.alloc(${WRITTEN_BYTES}, 1));
       fs.fsyncSync(fd);
       fs.unlinkSync(${path});
       process.stdout.write('written'); setInterval(() => {}, 1000);`,
    );
    try {
      await child.firstOutput;
      const limit = file('pids.max');
      if (limit !== undefined) writeFileSync(limit, `${MOST_PIDS}`);
      const { pids, pidsLimit, io } = signals.cgroup(made.path);
      const current = file('pids.current');
      if (current === undefined) assert.equal(pids.status, 'absent');
      else {
        assert.ok(known(pids) >= 1);
        assert.equal(known(pids), Number(readKernelText(current)));
        assert.equal(known(pidsLimit), MOST_PIDS);
      }
      const bytes = file('blkio.throttle.io_service_bytes_recursive') ?? file('io.stat');
      if (bytes === undefined) assert.equal(io.status, 'absent');
      else {
        const text = readKernelText(bytes) ?? '';
        const written = [...text.matchAll(/(?: Write |wbytes=)(\d+)/g)].map(([, digits]) => Number(digits));
        if (written.length === 0) assert.ok(io.status === 'absent' || known(io).length === 0);
        else
          assert.deepEqual(
            known(io).map(({ writtenBytes }) => writtenBytes),
            written,
          );
      }
    } finally {
      await child.end();
      for (const dir of dirs) await until('an empty cgroup', () => isRemoved(dir), END_MS);
      await made.remove();
    }
  },
};

export const signalPidsChecks: readonly KernelCheck[] = [pidsAndIo];
