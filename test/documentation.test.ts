import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '..');
const folders = readdirSync(repository, { withFileTypes: true })
  // What builds write is there or not.
  .filter((entry) => entry.isDirectory() && entry.name !== 'dist')
  .map(({ name }) => name);
const pages = [
  ...['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'charts/tacho/README.md'],
  'agent/node-cgroup-stats/README.md',
  ...readdirSync(join(repository, 'docs')).map((name) => join('docs', name)),
];

const textOf = (page: string) =>
  readFileSync(join(repository, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '');

/** Anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Links of a text on this page that lead nowhere; those to other sites are not looked at. */
function brokenLinks(page: string, text: string): readonly string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? page : join(dirname(page), file);
      if (!existsSync(join(repository, path))) return true;
      return anchor !== undefined && !anchorsOf(path).includes(anchor);
    });
}

/** Files and folders of the repository that a text names by their whole path, and that are not there. */
function missingFiles(text: string): readonly string[] {
  return [...text.matchAll(/`((?:[\w.@-]+\/)+[\w.@-]*)`/g)]
    .map(([, path = '']) => path)
    .filter((path) => folders.includes(path.split('/')[0] ?? '') && !existsSync(join(repository, path)));
}

test('brokenLinks() and missingFiles() find what is not there', () => {
  const text =
    '[a](gone.md) [b](metrics.md#no-heading) [c](#here) [d](https://example.org/x) [e](metrics.md#limits)';
  expect(brokenLinks('docs/security.md', text)).toEqual(['gone.md', 'metrics.md#no-heading', '#here']);
  expect(
    missingFiles('`test/gone.test.ts` `test/documentation.test.ts` `test/` `/test/gone` `api/gone.ts`'),
  ).toEqual(['test/gone.test.ts']);
});

test.each(pages)('%s links to what is there, and names files that are there', (page) => {
  const text = textOf(page);
  expect(brokenLinks(page, text)).toEqual([]);
  expect(missingFiles(text)).toEqual([]);
});

test('docs/security.md names for each attempt what shows that it is stopped', () => {
  const lines = textOf('docs/security.md').split('\n');
  const attempts = lines.filter((line) => line.startsWith('| to '));
  expect(attempts.length).toBeGreaterThan(10);
  expect(attempts.filter((line) => !/`[^`]+\.(?:test|fuzz)\.ts`/.test(line))).toEqual([]);
});
