import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Header } from 'tar-stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readTar } from '../../image/fixture-tar.ts';
import { buildTachoImage } from '../../image/tacho-image.ts';
import { skipReason } from '../skip-reason.ts';

const repository = join(import.meta.dirname, '..', '..');
const isRoot = process.getuid?.() === 0;
if (!isRoot)
  process.stdout.write(
    `image.test.ts: programs of the image are skipped: ${skipReason('chroot needs root')}\n`,
  );
const runc = spawnSync('runc', ['--version']).error === undefined;
if (isRoot && !runc) process.stdout.write('image.test.ts: the image under runc is skipped: no runc here\n');

let folder = '';
let files: readonly { readonly header: Header; readonly content: Buffer }[] = [];
const build = async () => {
  const file = join(folder, 'image.tar');
  const image = {
    repository,
    version: '1.2.3',
    name: 'localhost/tacho:test',
    file,
  };
  await buildTachoImage(image, () => undefined);
  return readFileSync(file);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-image-'));
  // Another user has to come through to the root of the image.
  chmodSync(folder, 0o755);
  const archive = new Map(
    (await readTar(await build())).map(({ header, content }) => [header.name, content]),
  );
  const json = (name: string) => JSON.parse(String(archive.get(name)));
  const blob = (digest: string) => `blobs/${digest.replace(':', '/')}`;
  const manifest = json(blob(json('index.json').manifests[0].digest)) as { layers: { digest: string }[] };
  const layers = manifest.layers.map(({ digest }) =>
    readTar(zstdDecompressSync(archive.get(blob(digest)) ?? Buffer.alloc(0))),
  );
  files = (await Promise.all(layers)).flat();
  unpack(join(folder, 'root'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function unpack(root: string): void {
  mkdirSync(root);
  for (const { header, content } of files) {
    const path = join(root, header.name);
    if (header.type === 'directory') mkdirSync(path, { recursive: true });
    else if (header.type === 'symlink') symlinkSync(header.linkname, path);
    else writeFileSync(path, content);
    if (header.type !== 'symlink') chmodSync(path, header.mode);
  }
}

test('the image is the same bytes when it is built again', async () => {
  const [first, second] = [await build(), await build()];
  expect(first.equals(second)).toBe(true);
});

test('nothing in the image can be run but Node, and nobody but root can write anywhere but in /tmp', () => {
  const programs = files.filter(({ header }) => header.type === 'file' && (header.mode & 0o111) !== 0);
  const libraries = /^(?:lib|lib64|usr\/lib|usr\/lib64)\/(?:[\w-]+\/)?(?:lib|ld)[\w+.-]*\.so\.\d+$/;
  expect(programs.map(({ header }) => header.name).filter((name) => !libraries.test(name))).toEqual([
    'usr/local/bin/node',
  ]);
  const writable = files.filter(({ header }) => header.type !== 'symlink' && (header.mode & 0o022) !== 0);
  expect(writable.map(({ header }) => header.name)).toEqual(['tmp/']);
  expect(files.every(({ header }) => header.uid === 0 && header.gid === 0)).toBe(true);
  // Neither setuid nor setgid.
  expect(files.filter(({ header }) => (header.mode & 0o6000) !== 0)).toEqual([]);
});

test('the image says which licence everything in it has', () => {
  const licences = `\n${String(files.find(({ header }) => header.name.endsWith('LICENSES-OF-PARTS'))?.content)}`;
  for (const part of ['@grpc/grpc-js 1.', 'node 26.', 'libc6 ', 'express 5.'])
    expect(licences).toContain(`\n${part}`);
});

/** Inside the image there is nothing but the image: its own loader, its own libraries. */
const inChroot = (...args: string[]) =>
  spawnSync('chroot', ['--userspec=65532:65532', join(folder, 'root'), '/usr/local/bin/node', ...args], {
    encoding: 'utf8',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });

test.skipIf(!isRoot).each(['agent', 'aggregator'])(
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
    const modules = files
      .map(({ header }) => `/${header.name}`)
      .filter((path) => path.endsWith('.js') && !/\/(?:agent|aggregator)\.js$/.test(path));
    expect(modules.length).toBeGreaterThan(2);
    const script = modules.map((path) => `await import(${JSON.stringify(path)});`).join('');
    expect(inChroot('--input-type=module', '--eval', script)).toMatchObject({ status: 0, stderr: '' });
  },
);

test.skipIf(!isRoot || !runc)(
  'the programs of the image run without capabilities and with a root that is read-only',
  () => {
    const name = `tacho-image-test-${process.pid}`;
    const bundle = join(folder, 'bundle');
    mkdirSync(bundle);
    const script = `
    const { writeFileSync, readFileSync } = await import('node:fs');
    const status = readFileSync('/proc/self/status', 'utf8');
    let written = 'written';
    try { writeFileSync('/tmp/x', ''); } catch (error) { written = error.code; }
    process.argv = ['node', 'agent', '--version'];
    console.log(JSON.stringify({ written, uid: process.getuid(), effective: /CapEff:\\s*(\\w+)/.exec(status)[1] }));
    await import('/opt/tacho/agent.js');`;
    const namespaces = ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type }));
    const spec = {
      ociVersion: '1.0.2',
      process: {
        terminal: false,
        user: { uid: 65532, gid: 65532 },
        args: ['node', '--input-type=module', '--eval', script],
        env: ['PATH=/usr/local/bin'],
        cwd: '/',
        capabilities: {},
        noNewPrivileges: true,
      },
      root: { path: join(folder, 'root'), readonly: true },
      mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
      linux: { cgroupsPath: `/${name}`, namespaces },
    };
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
    const run = spawnSync('runc', ['--root', join(folder, 'runc'), 'run', '--bundle', bundle, name], {
      encoding: 'utf8',
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const [seen = '', version = ''] = run.stdout.split('\n');
    expect(JSON.parse(seen)).toEqual({ written: 'EROFS', uid: 65532, effective: '0000000000000000' });
    expect(version).toMatch(/^tacho-agent \d/);
  },
);
