import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasLogLink } from './pod-log-links.ts';

test('hasLogLink() finds the links of one pod, and none where there is no folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pod-log-links-'));
  symlinkSync('/nowhere', join(folder, `web-1_default_app-${'a'.repeat(64)}.log`));
  expect(hasLogLink(folder, 'default', 'web-1')).toBe(true);
  expect(hasLogLink(folder, 'default', 'web')).toBe(false);
  expect(hasLogLink(folder, 'other', 'web-1')).toBe(false);
  rmSync(folder, { recursive: true });
  expect(hasLogLink(folder, 'default', 'web-1')).toBe(false);
});
