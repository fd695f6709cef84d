import { Buffer } from 'node:buffer';
import type { FileCalls } from 'node-cgroup-stats';
import { KernelFile } from 'node-cgroup-stats';
import { expect, test } from 'vitest';
import { SlowFiles } from './slow-files.ts';

const second = 1_000_000;
const path = '/sys/fs/cgroup/memory/memory.stat';

/** One file whose text and duration a test sets; readings aside end when the test says so. */
function fixture(isWatched?: (path: string) => boolean) {
  const state = {
    nowUsec: 0,
    busyUsec: 0,
    tookUsec: 10,
    waited: false,
    text: 'a 1\n',
    direct: 0,
    failure: '',
  };
  const aside: { resolve: (text: Uint8Array) => void; reject: (error: Error) => void }[] = [];
  const calls: FileCalls = {
    exists: () => true,
    open: () => 7,
    read: (_, buffer) => {
      state.direct += 1;
      state.nowUsec += state.tookUsec;
      if (!state.waited) state.busyUsec += state.tookUsec;
      if (state.failure !== '') throw Object.assign(new Error('as told'), { code: state.failure });
      return buffer.write(state.text);
    },
    close: () => undefined,
  };
  const slow = new SlowFiles(
    {
      calls,
      monotonicUsec: () => state.nowUsec,
      busyUsec: () => state.busyUsec,
      readAside: () => new Promise((resolve, reject) => void aside.push({ resolve, reject })),
    },
    { slowUsec: 100_000, ...(isWatched === undefined ? {} : { isWatched }) },
  );
  const file = new KernelFile(path, '/', Buffer.alloc(64), slow.calls);
  const read = () => {
    const outcome = file.read();
    return typeof outcome === 'number' ? file.buffer.toString('latin1', 0, outcome) : outcome;
  };
  const endAside = async (text: string | Error, tookUsec: number) => {
    state.nowUsec += tookUsec;
    const reading = aside.shift();
    if (typeof text === 'string') reading?.resolve(Buffer.from(text));
    else reading?.reject(text);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { state, slow, read, aside, endAside };
}

test('SlowFiles passes on what is quick', () => {
  const { state, slow, read } = fixture();
  for (let count = 1; count <= 3; count += 1) {
    state.text = `a ${count}\n`;
    expect(read()).toBe(state.text);
  }
  expect(slow.list()).toEqual([]);
});

test('SlowFiles holds its reader up once: then it gives out the last text with its age, and reads aside', async () => {
  const { state, slow, read, aside, endAside } = fixture();
  state.tookUsec = 3 * second;
  expect(read()).toBe('a 1\n');
  state.text = 'a 2\n';
  for (let tick = 0; tick < 20; tick += 1) {
    state.nowUsec += 5 * second;
    expect(read()).toBe('a 1\n');
  }
  expect(state.direct).toBe(1);
  expect([slow.readAtUsec(path), slow.readAtUsec('/other')]).toEqual([3 * second, undefined]);
  expect(slow.list()).toEqual([{ path, tookUsec: 3 * second, ageUsec: 100 * second }]);
  expect(aside).toHaveLength(0);
  state.nowUsec += 50 * second;
  read();
  read();
  expect(aside).toHaveLength(1);
  await endAside('a 2\n', 2 * second);
  expect(read()).toBe('a 2\n');
  expect(slow.list()).toEqual([{ path, tookUsec: 2 * second, ageUsec: 0 }]);
  expect(state.direct).toBe(1);
});

test('SlowFiles reads in the ordinary way again once the file is quick', async () => {
  const { state, slow, read, endAside } = fixture();
  state.tookUsec = 0.2 * second;
  read();
  state.nowUsec += 10 * second;
  read();
  await endAside('a 2\n', 0.01 * second);
  expect(slow.list()).toEqual([]);
  state.tookUsec = 10;
  state.text = 'a 3\n';
  expect(read()).toBe('a 3\n');
  expect(state.direct).toBe(2);
});

test('SlowFiles lets its reader hear why, when a reading aside fails', async () => {
  const { state, slow, read, endAside } = fixture();
  state.tookUsec = second;
  read();
  state.nowUsec += 60 * second;
  read();
  await endAside(new Error('ENODEV'), 10);
  expect(slow.list()).toEqual([]);
  state.failure = 'ENODEV';
  expect(read()).toBe('gone');
});

test('SlowFiles leaves alone what it is not to watch', () => {
  const { state, slow, read } = fixture((each) => each.endsWith('cpu.stat'));
  state.tookUsec = 3 * second;
  read();
  read();
  expect(state.direct).toBe(2);
  expect(slow.list()).toEqual([]);
});

test('SlowFiles gives out no part of a text that is longer than the buffer', () => {
  const { state, read } = fixture();
  state.text = `${'x'.repeat(40)}\n`;
  state.tookUsec = second;
  expect(read()).toBe(state.text);
  const long = fixture();
  long.state.tookUsec = second;
  long.state.text = 'x'.repeat(80);
  expect([long.read(), long.read()]).toEqual(['unreadable', 'unreadable']);
});

test('SlowFiles does not blame a file for a reading in which the thread waited for a processor', () => {
  const { state, slow, read } = fixture();
  state.tookUsec = second;
  state.waited = true;
  read();
  read();
  expect(state.direct).toBe(2);
  expect(slow.list()).toEqual([]);
});

test('SlowFiles.list() forgets a file that nobody has asked for any more', () => {
  const { state, slow, read } = fixture();
  state.tookUsec = 3 * second;
  read();
  state.nowUsec += 1_200 * second;
  expect(slow.list()).toHaveLength(1);
  state.nowUsec += 1;
  expect(slow.list()).toEqual([]);
});
