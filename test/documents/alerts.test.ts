import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repository, textOfPage } from './pages.ts';

test('docs/alerts.md has every alert of the chart, and no other', () => {
  const rules = readFileSync(join(repository, 'charts/tacho/rules/tacho.yaml'), 'utf8');
  const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name);
  const told = [...textOfPage('docs/alerts.md').matchAll(/`(Tacho\w+)`/g)].map(([, name]) => name);
  expect(alerts.length).toBeGreaterThan(5);
  expect(told.sort()).toEqual(alerts.sort());
});
