import { expect, test } from 'vitest';
import { find, render } from './chart.ts';
import { podTemplate } from './pod-template.ts';

const [byLogs, byApi] = await Promise.all([render(), render({ agent: { identity: 'api' } })]);
const specOf = (files: typeof byApi) => podTemplate(find(files, 'DaemonSet', 'tacho-agent')).spec;

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
