import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { find, render } from './chart.ts';
import { grantedRights } from './granted-rights.ts';
import { podTemplate } from './pod-template.ts';

const [byLogs, byApi] = await Promise.all([render(), render({ agent: { identity: 'api' } })]);
const specOf = (files: typeof byApi) => podTemplate(find(files, 'DaemonSet', 'tacho-agent')).spec;
const rightsOf = (files: typeof byApi) => grantedRights(files.flatMap(({ objects }) => objects));

test('agent.identity=api adds one right to those of the chart, and docs/rbac.md says which', async () => {
  const before = new Set(rightsOf(byLogs).map((right) => JSON.stringify(right)));
  const added = rightsOf(byApi).filter((right) => !before.has(JSON.stringify(right)));
  expect(rightsOf(byApi)).toHaveLength(before.size + 1);
  expect(added).toEqual([
    {
      ...{ actor: 'tacho-agent', group: 'core', object: 'pods', names: [], where: 'cluster' },
      ...{ verbs: ['list', 'watch'], grantedBy: 'ClusterRole tacho-agent' },
    },
  ]);
  const document = await readFile(join(import.meta.dirname, '../../docs/rbac.md'), 'utf8');
  expect(document.replaceAll('\n', ' ')).toContain(
    'With `agent.identity=api` the ClusterRole `tacho-agent` lets the agents list and watch pods in the cluster',
  );
});

test('agent.identity=api gives the agent its account’s token and takes the log links away', () => {
  const spec = specOf(byApi);
  expect(spec.automountServiceAccountToken).toBe(true);
  expect(spec.containers[0].args).toContain('--identity=api');
  expect(JSON.stringify(spec)).not.toContain('container-logs');
});

test('without it the agent is told to look at the log links, and not to ask anybody', () => {
  expect(specOf(byLogs).containers[0].args).toContain('--identity=logs');
  expect(specOf(byLogs).automountServiceAccountToken).toBe(false);
});
