import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { claimCgroup } from './cgroup-claim.ts';

test('claimCgroup() says in one sentence that there are no cgroups, and makes nothing', () => {
  const root = mkdtempSync(join(tmpdir(), 'tacho-claim-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  expect(claimCgroup('x', root)).toEqual({
    kind: 'refused',
    reason:
      `cgroups cannot be made by uid ${userInfo().uid}: ${root} is not a cgroup v2 tree and ` +
      `${root}/memory is not a cgroup v1 hierarchy; run as root, or in a cgroup v2 subtree delegated ` +
      'to this user with the controllers cpu and memory',
  });
  expect(readdirSync(root)).toEqual([]);
});
