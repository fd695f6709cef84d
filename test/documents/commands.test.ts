import { expect, test } from 'vitest';
import { commandBlocks, problemsOf } from './command-blocks.ts';
import { pages, textOfPage, textWithImports } from './pages.ts';

/** Of the other one in everything that is typed; readme.test.ts holds that. */
const sameBlocks: Readonly<Record<string, string>> = { 'README.zh-CN.md': 'README.md' };

test.each(pages)('every command of %s is run by a test or says why not', (page) => {
  const readAs = sameBlocks[page] ?? page;
  const problems = commandBlocks(textOfPage(page)).flatMap((block) =>
    problemsOf(readAs, block, textWithImports),
  );
  expect(problems.join('\n')).toBe('');
});

test('there are pages with commands', () => {
  expect(pages.filter((page) => commandBlocks(textOfPage(page)).length > 0).length).toBeGreaterThan(4);
});
