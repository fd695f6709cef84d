import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { debianProgram } from '../kubectl/debian-program.ts';
import { skipReason } from '../skip-reason.ts';
import { type UnpackedImage, unpackedImage } from './fixture-unpacked-image.ts';

const emulator = { name: 'qemu-aarch64-static', debianPackage: 'qemu-user-static' };
const found =
  process.getuid?.() === 0
    ? await debianProgram({ ...emulator, expected: /^\d/, called: 'qemu for arm64' }).catch(
        (error: Error) => error,
      )
    : new Error('chroot needs root');
if (found instanceof Error)
  process.stdout.write(`image-arm64.test.ts is skipped: ${skipReason(found.message)}\n`);

describe.skipIf(found instanceof Error)('the image for arm64, built here and emulated', () => {
  let image: UnpackedImage;
  beforeAll(async () => {
    image = await unpackedImage('arm64');
    copyFileSync(String(found), join(image.root, 'emulator'));
  });
  afterAll(() => image?.[Symbol.dispose]());

  const inChroot = (...args: string[]) =>
    spawnSync('chroot', ['--userspec=65532:65532', image.root, '/emulator', '/usr/local/bin/node', ...args], {
      encoding: 'utf8',
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    });

  test('has a Node for arm64', () => {
    expect(inChroot('--print', 'process.arch')).toMatchObject({ status: 0, stderr: '', stdout: 'arm64\n' });
  });

  test.each(['agent', 'aggregator', 'puller'])('runs tacho-%s', (name) => {
    const version = inChroot(`/opt/tacho/${name}.js`, '--version');
    expect(version).toMatchObject({ status: 0, stderr: '' });
    expect(version.stdout).toMatch(new RegExp(`^tacho-${name} \\d+\\.\\d+\\.\\d+\n$`));
  });

  test('takes at most 60 MiB in a registry, and has no file of this machine’s processor', () => {
    expect(image.compressedBytes).toBeLessThanOrEqual(60 * 2 ** 20);
    const programs = image.files.filter(({ content }) => content.toString('latin1', 0, 4) === '\x7fELF');
    // The machine's number in the head of ELF: 183 is AArch64.
    expect(new Set(programs.map(({ content }) => content.readUInt16LE(18)))).toEqual(new Set([183]));
    expect(programs.length).toBeGreaterThan(4);
  });
});
