import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { debianProgram } from '../kubectl/debian-program.ts';
import { skipReason } from '../skip-reason.ts';
import { chartFolder } from './chart.ts';

const rules = join(chartFolder, 'rules/tacho.yaml');
const cases = join(import.meta.dirname, 'rules.test.yaml');
const described = { name: 'promtool', debianPackage: 'prometheus', expected: /^[23]\./, called: 'promtool' };
const promtool = await debianProgram(described).catch((error: Error) => {
  process.stdout.write(`promtool.test.ts: the alerts are not evaluated: ${skipReason(error.message)}\n`);
  return undefined;
});
const run = async (...args: string[]) =>
  (await promisify(execFile)(promtool ?? '', args, { env: {} })).stdout;

test.skipIf(promtool === undefined)('promtool reads the rules', async () => {
  expect(await run('check', 'rules', rules)).toMatch(/SUCCESS: 14 rules found/);
});

test.skipIf(promtool === undefined)(
  'each alert fires where it must, and none in a healthy cluster',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tacho-rules-'));
    try {
      await cp(rules, join(folder, 'tacho.yaml'));
      await cp(cases, join(folder, 'rules.test.yaml'));
      expect(await run('test', 'rules', join(folder, 'rules.test.yaml'))).toContain('SUCCESS');
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);

test('there is a case in which each alert fires', async () => {
  const tests = load(await readFile(cases, 'utf8')) as {
    tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
  };
  const all = load(await readFile(rules, 'utf8')) as { groups: { rules: { alert: string }[] }[] };
  const firing = tests.tests.flatMap(({ alert_rule_test: each }) =>
    each.filter(({ exp_alerts: alerts }) => alerts.length > 0).map(({ alertname }) => alertname),
  );
  expect(firing).toEqual(all.groups.flatMap((group) => group.rules.map(({ alert }) => alert)));
});
