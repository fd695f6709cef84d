import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

const file = join(import.meta.dirname, '../../.github/workflows/release.yaml');
const text = await readFile(file, 'utf8');
const workflow = load(text) as {
  permissions: object;
  jobs: { release: { permissions: object; steps: Step[] } };
};
const { release } = workflow.jobs;
const scripts = release.steps.flatMap(({ run }) => run ?? []);
const place = (words: string) => scripts.findIndex((script) => script.includes(words));

test('the release runs only scripts that there are', () => {
  const named = [...scripts.join('\n').matchAll(/npm run (\S+)/g)].map(([, name]) => name ?? '');
  expect(named).toEqual(expect.arrayContaining(['check', 'image', 'manifests']));
  expect(named.filter((name) => !(name in manifest.scripts))).toEqual([]);
});

test.each(scripts)('bash can read the release’s %s', async (script) => {
  await expect(promisify(execFile)('bash', ['-n', '-c', script])).resolves.toMatchObject({ stderr: '' });
});

test('the release publishes nothing that was not checked, and signs the image and the chart by their digests', () => {
  const order = ['npm run check', 'vitest run', 'cmp ', 'skopeo copy', 'helm push'].map(place);
  expect(order).not.toContain(-1);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const signed = [...scripts.join('\n').matchAll(/cosign sign .* "([^"]+(?:"[^"]*")?[^"]*)"?$/gm)];
  expect(signed).toHaveLength(2);
  expect(scripts.join('\n')).toMatch(/image="\$IMAGE@\$\(cat dist\/image\.digest\)"/);
  expect(scripts.join('\n')).toMatch(/cosign sign --yes "\$REGISTRY\/charts\/tacho@\$\(/);
});

test('the release may do no more than make a release and sign, and names no registry', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(release.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
  expect(text).not.toMatch(/ghcr\.io|docker\.io|quay\.io/);
  for (const { uses } of release.steps) if (uses !== undefined) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
});
