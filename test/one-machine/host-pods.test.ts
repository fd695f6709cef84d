import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hostPods } from './host-pods.ts';

test('hostPods() makes one pod of all its containers and none of a folder that is not there', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tacho-host-pods-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [container, id] of [
    ['app', 'a'],
    ['sidecar', 'b'],
  ] as const) {
    const target = `/var/log/pods/shop_web-0_uid-1/${container}/0.log`;
    symlinkSync(target, join(folder, `web-0_shop_${container}-${id.repeat(64)}.log`));
  }
  const pods = hostPods(folder, 'here');
  expect(pods).toHaveLength(1);
  expect(pods[0]?.metadata).toEqual({ namespace: 'shop', name: 'web-0', uid: 'uid-1' });
  expect(pods[0]?.['spec']).toMatchObject({
    nodeName: 'here',
    containers: [{ name: 'app' }, { name: 'sidecar' }],
  });
  expect(hostPods(join(folder, 'missing'), 'here')).toEqual([]);
});
