import { expect, test } from 'vitest';
import { pageFiles } from './page-files.ts';

const files = await pageFiles();

test('pageFiles() has the page at / and everything that it and its modules ask for, nothing from elsewhere', () => {
  const page = String(files.get('/')?.body);
  const asked = [...page.matchAll(/(?:src|href)="(\/[\w.-]*)"/g)].map(([, path = '']) => path);
  expect(asked.length).toBeGreaterThan(4);
  for (const path of asked) expect([...files.keys()]).toContain(path);
  expect(page).not.toMatch(/https?:\/\//);
  for (const [path, { type, body }] of files) {
    if (!type.startsWith('text/javascript') || path === '/uplot.js') continue;
    for (const [, imported = ''] of String(body).matchAll(/from '([^']+)'/g))
      expect([...files.keys()], path).toContain(imported.replace(/^\.\//, '/'));
  }
});

test('pageFiles() serves scripts without types and leaves tests out', () => {
  expect(files.get('/page.js')?.type).toBe('text/javascript; charset=utf-8');
  expect([...files.keys()].filter((path) => path.includes('.test.'))).toEqual([]);
  const modules = [...files].filter(([path]) => path.endsWith('.ts'));
  expect(modules.length).toBeGreaterThan(10);
  for (const [, { body }] of modules) expect(String(body)).not.toMatch(/^import type|\binterface \w+ \{/m);
});

test('pageFiles() puts no script and no style into the page itself: the endpoint’s policy forbids both', () => {
  const page = String(files.get('/')?.body);
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|\son\w+=/);
});
