import { Buffer } from 'node:buffer';
import { readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createFixtureTree } from '../test/fixture-tree.ts';
import type { FileCalls } from './file-calls.ts';
import { hostFileCalls } from './file-calls.ts';
import { KernelFile } from './kernel-file.ts';

const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** The host's calls with one of them failing like the kernel would. */
function failing(call: 'open' | 'read' | 'close', code: string): FileCalls {
  const fail = (): never => {
    throw Object.assign(new Error(`${code}: as told`), { code });
  };
  return { ...hostFileCalls, [call]: fail };
}

it('KernelFile reads a file whole and anew each time, with one descriptor', () => {
  using tree = createFixtureTree({ 'memory.current': '4096\n' });
  const file = new KernelFile(join(tree.directory, 'memory.current'), tree.directory, Buffer.alloc(64));
  const before = openDescriptors();
  expect(file.read()).toBe(5);
  expect(file.buffer.toString('latin1', 0, 5)).toBe('4096\n');
  tree.write('memory.current', '81920\n');
  expect(file.read()).toBe(6);
  expect(file.buffer.toString('latin1', 0, 6)).toBe('81920\n');
  expect(openDescriptors()).toBe(before + 1);
  file.close();
  expect(openDescriptors()).toBe(before);
});

it('KernelFile says absent while the directory is there, and finds the file once it appears', () => {
  using tree = createFixtureTree();
  const file = new KernelFile(join(tree.directory, 'cpu.stat'), tree.directory, Buffer.alloc(64));
  expect(file.read()).toBe('absent');
  expect(file.errorCode).toBe('ENOENT');
  expect(file.wasOpened).toBe(false);
  tree.write('cpu.stat', 'usage_usec 1\n');
  expect(file.read()).toBe(13);
  expect(file.errorCode).toBe('');
  file.close();
});

it('KernelFile says gone when the directory is not there', () => {
  using tree = createFixtureTree();
  const directory = join(tree.directory, 'removed');
  expect(new KernelFile(join(directory, 'cpu.stat'), directory, Buffer.alloc(64)).read()).toBe('gone');
});

it.for(['ENODEV', 'ENOENT'])(
  'KernelFile takes %s on reading for gone and gives the descriptor back',
  (code) => {
    using tree = createFixtureTree({ 'cpu.stat': 'usage_usec 1\n' });
    const path = join(tree.directory, 'cpu.stat');
    const before = openDescriptors();
    const file = new KernelFile(path, tree.directory, Buffer.alloc(64), failing('read', code));
    expect(file.read()).toBe('gone');
    expect(file.errorCode).toBe(code);
    expect(openDescriptors()).toBe(before);
  },
);

it('KernelFile takes ENODEV on opening for gone', () => {
  using tree = createFixtureTree({ 'cpu.stat': 'usage_usec 1\n' });
  const path = join(tree.directory, 'cpu.stat');
  expect(new KernelFile(path, tree.directory, Buffer.alloc(64), failing('open', 'ENODEV')).read()).toBe(
    'gone',
  );
});

it.for(['EACCES', 'EMFILE', 'EPERM'])(
  'KernelFile takes %s on opening for unreadable and tries again',
  (code) => {
    using tree = createFixtureTree({ 'cpu.stat': 'usage_usec 1\n' });
    let refuse = true;
    const refusing = failing('open', code);
    const calls = {
      ...hostFileCalls,
      open: (path: string) => (refuse ? refusing : hostFileCalls).open(path),
    };
    const file = new KernelFile(join(tree.directory, 'cpu.stat'), tree.directory, Buffer.alloc(64), calls);
    expect(file.read()).toBe('unreadable');
    expect(file.errorCode).toBe(code);
    refuse = false;
    expect(file.read()).toBe(13);
    expect(file.errorCode).toBe('');
    file.close();
  },
);

it('KernelFile says unreadable with the errno of the real kernel', () => {
  using tree = createFixtureTree({ 'directory/file': '' });
  symlinkSync('loop', join(tree.directory, 'loop'));
  const read = (path: string) => {
    const file = new KernelFile(path, tree.directory, Buffer.alloc(64));
    const outcome = `${file.read()} ${file.errorCode}`;
    file.close();
    return outcome;
  };
  expect(read(join(tree.directory, 'directory'))).toBe('unreadable EISDIR');
  expect(read(join(tree.directory, 'loop'))).toBe('unreadable ELOOP');
  expect(read('/proc/self/mem')).toBe('unreadable EIO');
});

it('KernelFile refuses a text that fills the buffer, as it may have been cut', () => {
  using tree = createFixtureTree({ 'memory.stat': `${'anon 12345\n'.repeat(6)}` });
  const file = new KernelFile(join(tree.directory, 'memory.stat'), tree.directory, Buffer.alloc(66));
  expect(file.read()).toBe('unreadable');
  expect(file.errorCode).toBe('EFBIG');
  file.close();
});

it('KernelFile.close() may come first, twice, and when close(2) fails; no reading reopens the file', () => {
  using tree = createFixtureTree({ 'cpu.stat': 'usage_usec 1\n' });
  const path = join(tree.directory, 'cpu.stat');
  const before = openDescriptors();
  const neverRead = new KernelFile(path, tree.directory, Buffer.alloc(64));
  neverRead.close();
  neverRead.close();
  expect(neverRead.read()).toBe('unreadable');
  expect(neverRead.errorCode).toBe('EBADF');

  const calls = { ...failing('close', 'EIO'), open: () => 1_000_000, read: () => 3 };
  const file = new KernelFile(path, tree.directory, Buffer.alloc(64), calls);
  expect(file.read()).toBe(3);
  file.close();
  expect(file.errorCode).toBe('EIO');
  expect(openDescriptors()).toBe(before);
});

it('KernelFile leaks no descriptor over a thousand openings, failures and removals', () => {
  using tree = createFixtureTree();
  const before = openDescriptors();
  for (let round = 0; round < 1000; round += 1) {
    tree.write('made/cpu.stat', 'usage_usec 1\n');
    const directory = join(tree.directory, 'made');
    const file = new KernelFile(join(directory, 'cpu.stat'), directory, Buffer.alloc(64));
    if (round % 3 !== 0) file.read();
    if (round % 2 === 0) tree.remove('made');
    file.read();
    file.close();
    file.read();
  }
  expect(openDescriptors()).toBe(before);
});
