import { mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, test } from 'vitest';
import { KubepodsRoots } from './kubepods-roots.ts';

let hierarchy = '';
afterEach(() => rmSync(hierarchy, { recursive: true, force: true }));

test('KubepodsRoots says once that there are no pods’ cgroups, and when some have come', () => {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-roots-'));
  const said: string[] = [];
  const log = pino({}, { write: (line) => void said.push((JSON.parse(line) as { msg: string }).msg) });
  const roots = new KubepodsRoots(hierarchy, [], log);
  expect([roots.look(), roots.look()]).toEqual([[], []]);
  expect(said).toEqual([expect.stringContaining('no pods’ cgroups on this machine')]);
  expect(roots.notReported()).toMatchObject([{ code: 'no-kubepods' }]);
  mkdirSync(join(hierarchy, 'kubepods'));
  expect(roots.look()).toEqual(['/kubepods']);
  expect(said.slice(1)).toEqual(['found the pods’ cgroups']);
});

test('KubepodsRoots keeps what it knew while the hierarchy cannot be listed, and says that it may have missed others', () => {
  hierarchy = mkdtempSync(join(tmpdir(), 'tacho-roots-'));
  const way = join(hierarchy, 'way');
  const tree = join(hierarchy, 'tree');
  const leadTo = (target: string) => {
    rmSync(way, { force: true });
    symlinkSync(target, way);
  };
  mkdirSync(join(tree, 'kubepods'), { recursive: true });
  const roots = new KubepodsRoots(way, [], pino({ level: 'silent' }));
  // A link to itself: every look at it fails.
  leadTo(way);
  expect([roots.look(), roots.mayHaveMissed]).toEqual([[], true]);
  leadTo(tree);
  expect([roots.look(), roots.mayHaveMissed]).toEqual([['/kubepods'], false]);
  leadTo(way);
  const looks = Array.from({ length: 13 }, () => roots.look());
  expect(looks).toEqual(looks.map(() => ['/kubepods']));
  expect(roots.mayHaveMissed).toBe(true);
  mkdirSync(join(tree, 'kubepods.slice'));
  leadTo(tree);
  expect(roots.look()).toEqual(expect.arrayContaining(['/kubepods', '/kubepods.slice']));
  expect(roots.mayHaveMissed).toBe(false);
  unlinkSync(way);
});
