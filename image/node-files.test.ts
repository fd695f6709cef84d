import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { localNode, sharedLibraries } from './node-files.ts';
import { runtimeEntries } from './node-runtime.ts';

test('sharedLibraries() takes libraries and the loader, not what the kernel provides', () => {
  const ldd = `\tlinux-vdso.so.1 (0x00007f3f5895e000)
\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f3f5885e000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f3f5841e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f3f58960000)
`;
  expect(sharedLibraries(ldd)).toEqual([
    '/lib/x86_64-linux-gnu/libc.so.6',
    '/lib/x86_64-linux-gnu/libm.so.6',
    '/lib64/ld-linux-x86-64.so.2',
  ]);
});

test('sharedLibraries() names every library that this machine lacks', () => {
  const ldd = '\tliba.so.1 => not found\n\tlibc.so.6 => /lib/libc.so.6 (0x7f)\n\tlibb.so => not found\n';
  expect(() => sharedLibraries(ldd)).toThrow(
    'Cannot take along what Node needs: liba.so.1, libb.so not found',
  );
});

test('sharedLibraries() refuses an answer without paths', () => {
  expect(() => sharedLibraries('\tstatically linked\n')).toThrow('Cannot find the libraries of Node');
});

test('localNode() finds the libraries of the Node that runs here, and who packed them', async () => {
  const { libraries } = await localNode(execPath);
  expect(libraries.some(({ path }) => path.includes('libc.so'))).toBe(true);
});

test('runtimeEntries() has Node and its libraries, readable by everyone and writable by none but root', async () => {
  const files = await localNode(execPath);
  const entries = runtimeEntries(files);
  const libraries = files.libraries.map(({ path }) => path);
  expect(entries.map(({ path }) => path)).toEqual(
    expect.arrayContaining([...libraries, '/usr/local/bin/node', '/etc/ssl/certs/ca-certificates.crt']),
  );
  const writable = entries.filter((entry) => entry.type !== 'symlink' && ((entry.mode ?? 0) & 0o022) !== 0);
  expect(writable).toEqual([{ type: 'directory', path: '/tmp', mode: 0o1777 }]);
});
