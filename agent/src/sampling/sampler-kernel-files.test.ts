import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCgroupTree } from 'node-cgroup-stats';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sampler } from './sampler.ts';

const second = 1_000_000;
const windowUsec = 10 * second;
let directory = '';
let nowUsec = 0;
let sampler: Sampler | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tacho-sampler-'));
  write('', { usage: '0' });
  nowUsec = 1_000 * second;
});
afterEach(() => {
  sampler?.close();
  sampler = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** A cgroup v2 as plain files. */
function write(
  path: string,
  { usage = '0', current = '100\n', swap }: Partial<Record<string, string>>,
): void {
  mkdirSync(join(directory, path), { recursive: true });
  const files = {
    'cpu.stat': `usage_usec ${usage}\nuser_usec 0\nsystem_usec 0\n`,
    'memory.current': current,
    'memory.stat': 'anon 10\nfile 60\ninactive_file 40\n',
    ...(swap === undefined ? {} : { 'memory.swap.current': swap }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, path, name), text);
}

function sample(pods: readonly string[]) {
  const clock = { monotonicUsec: () => nowUsec };
  sampler ??= new Sampler({
    tree: createCgroupTree({ mode: 'v2', directory }, clock),
    containers: {
      cgroups: () => pods.map((pod) => ({ path: `/${pod}`, podUid: pod, containerId: pod })),
      name: ({ containerId: pod }) => ({
        ...{ namespace: 'default', pod, container: 'app', podUid: pod },
        ...{ restartCount: 0, containerId: pod, linkedAtMs: 0, startedAtMs: 0 },
      }),
      gone: () => undefined,
    },
    ...clock,
    wallMs: () => Date.UTC(2026, 0, 1),
    cpus: 2,
  });
  sampler.discover(windowUsec);
  return sampler.sample(windowUsec);
}

const usages = ({ report }: ReturnType<typeof sample>) =>
  report.pods.map(({ name, containers }) => [name, containers[0]?.usage]);

test('Sampler with a malformed kernel file leaves out its own pod, and takes it back when the file is whole', () => {
  write('good', {});
  write('bad', { usage: '7x' });
  sample(['good', 'bad']);
  nowUsec += 5 * second;
  const cut = sample(['good', 'bad']);
  expect(usages(cut).map(([name]) => name)).toEqual(['good']);
  expect(cut.leftOut).toEqual([{ who: 'default/bad container app', why: 'cpu malformed' }]);
  for (const usage of ['1000000', '2000000']) {
    write('bad', { usage });
    nowUsec += 5 * second;
    sample(['good', 'bad']);
  }
  expect(sample(['good', 'bad']).leftOut).toEqual([]);
});

test('Sampler tells swap that is not counted from swap of zero, and an idle container from an absent one', () => {
  write('counted', { swap: '0\n', current: '0\n' });
  write('uncounted', {});
  sample(['counted', 'uncounted']);
  nowUsec += 5 * second;
  const idle = { cpuNanocores: 0, windowUsec: 5 * second };
  expect(usages(sample(['counted', 'uncounted']))).toEqual([
    ['counted', { ...idle, memoryWorkingSetBytes: 0, swapBytes: 0 }],
    ['uncounted', { ...idle, memoryWorkingSetBytes: 60 }],
  ]);
});

test('Sampler is exact where the counter in nanoseconds is far beyond 2^53', () => {
  const start = 2n ** 53n + 3n; // in microseconds: 285 years of CPU time
  write('old', { usage: String(start) });
  sample(['old']);
  nowUsec += 5 * second;
  write('old', { usage: String(start + 5n) });
  expect(usages(sample(['old']))).toEqual([
    ['old', { cpuNanocores: 1_000, memoryWorkingSetBytes: 60, windowUsec: 5 * second }],
  ]);
});

test('Sampler leaves out a container whose cgroup has gone before it was first read', () => {
  expect(sample(['never-there'])).toMatchObject({ report: { pods: [] } });
  nowUsec += 5 * second;
  expect(sample(['never-there']).leftOut).toEqual([]);
});

test('Sampler without memory accounting says so for node and pod instead of zero', () => {
  write('web', {});
  for (const path of ['', 'web']) {
    for (const file of ['memory.current', 'memory.stat']) rmSync(join(directory, path, file));
  }
  sample(['web']);
  nowUsec += 5 * second;
  expect(sample(['web']).leftOut).toEqual([
    { who: 'default/web container app', why: 'memory absent' },
    { who: 'node', why: 'memory absent' },
  ]);
});
