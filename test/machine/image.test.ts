import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { skipReason } from '../skip-reason.ts';
import { type UnpackedImage, unpackedImage } from './fixture-unpacked-image.ts';

const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stdout.write(
    `image.test.ts: programs of the image are skipped: ${skipReason('chroot needs root')}\n`,
  );

let image: UnpackedImage;
beforeAll(async () => {
  image = await unpackedImage();
});
afterAll(() => image[Symbol.dispose]());

test('the image is the same bytes when it is built again', async () => {
  const [first, second] = [await image.build(), await image.build()];
  expect(first.equals(second)).toBe(true);
});

test('nothing in the image can be run but Node, and nobody but root can write anywhere but in /tmp', () => {
  const programs = image.files.filter(({ header }) => header.type === 'file' && (header.mode & 0o111) !== 0);
  const libraries = /^(?:lib|lib64|usr\/lib|usr\/lib64)\/(?:[\w-]+\/)?(?:lib|ld)[\w+.-]*\.so\.\d+$/;
  expect(programs.map(({ header }) => header.name).filter((name) => !libraries.test(name))).toEqual([
    'usr/local/bin/node',
  ]);
  const writable = image.files.filter(
    ({ header }) => header.type !== 'symlink' && (header.mode & 0o022) !== 0,
  );
  expect(writable.map(({ header }) => header.name)).toEqual(['tmp/']);
  expect(image.files.every(({ header }) => header.uid === 0 && header.gid === 0)).toBe(true);
  // Neither setuid nor setgid.
  expect(image.files.filter(({ header }) => (header.mode & 0o6000) !== 0)).toEqual([]);
});

test('the image takes at most 60 MiB in a registry', () => {
  expect(image.compressedBytes).toBeLessThanOrEqual(60 * 2 ** 20);
});

test('the image has a bill of materials with everything whose licence it tells', () => {
  const text = (name: string) =>
    String(image.files.find(({ header }) => header.name.endsWith(name))?.content);
  const { packages } = JSON.parse(text('sbom.spdx.json')) as {
    packages: { name: string; versionInfo: string; licenseDeclared: string }[];
  };
  const listed = packages
    .filter(({ name }) => name !== 'tacho')
    .map(({ name, versionInfo, licenseDeclared }) => `${name} ${versionInfo}: ${licenseDeclared}`);
  const [list = ''] = text('LICENSES-OF-PARTS').split('\n\n');
  expect(listed.sort()).toEqual(list.split('\n').sort());
});

test('the image has a bundle of CAs', () => {
  const bundle = image.files.find(({ header }) => header.name === 'etc/ssl/certs/ca-certificates.crt');
  expect(String(bundle?.content).match(/-BEGIN CERTIFICATE-/g)?.length).toBeGreaterThan(100);
});

test('the image says which licence everything in it has', () => {
  const licences = `\n${String(image.files.find(({ header }) => header.name.endsWith('LICENSES-OF-PARTS'))?.content)}`;
  for (const part of ['@grpc/grpc-js 1.', 'node 26.', 'libc6 ', 'express 5.'])
    expect(licences).toContain(`\n${part}`);
});

/** Inside the image there is nothing but the image: its own loader, its own libraries. */
const inChroot = (...args: string[]) =>
  spawnSync('chroot', ['--userspec=65532:65532', image.root, '/usr/local/bin/node', ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });

test.skipIf(!isRoot).each(['agent', 'aggregator', 'puller'])(
  'tacho-%s of the image tells its version and helps, as uid 65532',
  (name) => {
    const version = inChroot(`/opt/tacho/${name}.js`, '--version');
    expect(version).toMatchObject({ status: 0, stderr: '' });
    expect(version.stdout).toMatch(new RegExp(`^tacho-${name} \\d+\\.\\d+\\.\\d+\n$`));
    const help = inChroot(`/opt/tacho/${name}.js`, '--help');
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toContain(`Usage: tacho-${name} [flags]`);
  },
);

test.skipIf(!isRoot)(
  'every file of the programs in the image can be loaded, lazily imported ones too',
  () => {
    const modules = image.files
      .map(({ header }) => `/${header.name}`)
      .filter((path) => path.endsWith('.js') && !/\/(?:agent|aggregator|puller)\.js$/.test(path));
    expect(modules.length).toBeGreaterThan(2);
    const script = modules.map((path) => `await import(${JSON.stringify(path)});`).join('');
    expect(inChroot('--input-type=module', '--eval', script)).toMatchObject({ status: 0, stderr: '' });
  },
);
