import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { findKubepodsRoots } from './kubepods-tree.ts';

const a = 'a'.repeat(64);
let hierarchy = '';

function tree(...paths: string[]): string {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-tree-'));
  for (const path of paths) mkdirSync(join(hierarchy, path), { recursive: true });
  return hierarchy;
}
afterEach(() => rmSync(hierarchy, { recursive: true, force: true }));

test('findKubepodsRoots() finds every root and stays out of services, scopes and containers', () => {
  const root = tree(
    'kubepods/burstable',
    'kubelet.slice/kubelet-kubepods.slice',
    'system.slice/docker.service/kubepods',
    `system.slice/docker-${a}.scope/kubepods`,
    'one/two/three/kubepods',
  );
  expect(findKubepodsRoots(root).sort()).toEqual(['/kubelet.slice/kubelet-kubepods.slice', '/kubepods']);
});

test('findKubepodsRoots() of a hierarchy that is not there is empty', () => {
  expect(findKubepodsRoots(`${tree()}/missing`)).toEqual([]);
});
