import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const source = fileURLToPath(new URL('../../agent/node-cgroup-stats/', import.meta.url));
let folder = '';
let application = '';

/** What a user's `npm install node-cgroup-stats` would bring, from the folder that is published. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tacho-published-'));
  application = join(folder, 'application');
  const built = join(folder, 'built');
  execFileSync(process.execPath, [join(source, 'build.ts'), built]);
  execFileSync('npm', ['pack', built, '--pack-destination', folder], { cwd: folder, stdio: 'ignore' });
  const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  mkdirSync(application);
  writeFileSync(join(application, 'package.json'), '{ "type": "module", "private": true }');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', join(folder, archive)], {
    cwd: application,
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('node-cgroup-stats as published runs the example of its README', () => {
  const readme = readFileSync(join(source, 'README.md'), 'utf8');
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  writeFileSync(join(application, 'example.js'), example);
  const { status, stderr, stdout } = spawnSync(process.execPath, ['example.js'], {
    cwd: application,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/CPU: [\d.]+ cores\nWorking set: ok \d+ bytes/);
});

test('node-cgroup-stats as published carries JavaScript, types, licence and README, and no tests', () => {
  const names = readdirSync(join(application, 'node_modules', 'node-cgroup-stats'));
  expect(names).toEqual(
    expect.arrayContaining(['index.js', 'index.d.ts', 'LICENSE', 'README.md', 'package.json']),
  );
  expect(names.filter((name) => /test|fuzz|(?<!\.d)\.ts$/.test(name))).toEqual([]);
});
