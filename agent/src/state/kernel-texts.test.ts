import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostFileCalls, KernelFile } from 'node-cgroup-stats';
import { afterEach, expect, test } from 'vitest';
import { KernelTexts } from './kernel-texts.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const minuteUsec = 60_000_000;

/** One file of a cgroup, read through KernelTexts at instants that the test sets. @param asideUsec when it was read aside */
function oneFile(asideUsec?: number) {
  const cgroup = join(mkdtempSync(join(tmpdir(), 'kernel-texts-')), 'cgroup');
  folders.push(join(cgroup, '..'));
  mkdirSync(cgroup);
  const path = join(cgroup, 'cpu.stat');
  const clock = { nowUsec: 0 };
  const texts = new KernelTexts({
    calls: hostFileCalls,
    monotonicUsec: () => clock.nowUsec,
    timeOf: (usec) => `at ${usec}`,
    readAsideAtUsec: () => asideUsec,
  });
  const file = new KernelFile(path, cgroup, Buffer.alloc(4096), texts.calls);
  const write = (text: string) => writeFileSync(path, text);
  return { path, clock, texts, file, write };
}

test('KernelTexts.of() gives the text of the last reading once somebody looks, not what the file says now', () => {
  const { path, clock, texts, file, write } = oneFile();
  texts.look();
  write('usage_usec 1\n');
  clock.nowUsec = 5;
  file.read();
  write('usage_usec 2\n');
  clock.nowUsec = 7;
  expect(texts.of([file], true)).toEqual([{ path, readAt: 'at 5', readFor: 'tick', text: 'usage_usec 1\n' }]);
  file.close();
});

test('KernelTexts.of() says how old a text is that was read aside', () => {
  const { path, clock, texts, file, write } = oneFile(2);
  texts.look();
  write('usage_usec 1\n');
  clock.nowUsec = 5;
  file.read();
  expect(texts.of([file], true)).toEqual([{ path, readAt: 'at 2', readFor: 'tick', text: 'usage_usec 1\n' }]);
  file.close();
});

test('KernelTexts.of() reads anew and says so when nobody has looked before, and not at all where it must not', () => {
  const { path, clock, texts, file, write } = oneFile();
  write('usage_usec 1\n');
  file.read();
  write('usage_usec 2\n');
  clock.nowUsec = 7;
  expect(texts.of([file], true)).toEqual([
    { path, readAt: 'at 7', readFor: 'request', text: 'usage_usec 2\n' },
  ]);
  expect(texts.of([file], false)).toEqual([
    { path, readAt: 'at 7', readFor: 'request', problem: 'kept from the next tick on' },
  ]);
  file.close();
});

test('KernelTexts.of() says why there is no text', () => {
  const { path, texts, file } = oneFile();
  file.read();
  expect(texts.of([file], true)).toMatchObject([{ path, problem: 'ENOENT' }]);
  texts.look();
  expect(texts.of([new KernelFile('/nowhere', '/', Buffer.alloc(1))], true)).toMatchObject([
    { path: '/nowhere', readFor: 'request', problem: 'ENOENT' },
  ]);
});

test('KernelTexts keeps nothing when nobody has looked for a minute, nor of a file that was closed', () => {
  const { clock, texts, file, write } = oneFile();
  write('usage_usec 1\n');
  texts.look();
  file.read();
  clock.nowUsec = minuteUsec - 1;
  texts.tick();
  expect(texts.of([file], false)).toMatchObject([{ readFor: 'tick' }]);
  clock.nowUsec = minuteUsec;
  texts.tick();
  expect(texts.of([file], false)).toMatchObject([{ readFor: 'request' }]);
  file.read();
  expect(texts.of([file], false)).toMatchObject([{ readFor: 'request' }]);
  texts.look();
  file.read();
  file.close();
  expect(texts.of([file], false)).toMatchObject([{ readFor: 'request' }]);
});
