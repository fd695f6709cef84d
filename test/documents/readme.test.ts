import { expect, test } from 'vitest';
import { commandBlocks } from './command-blocks.ts';
import { textOfPage } from './pages.ts';

const english = textOfPage('README.md');
const chinese = textOfPage('README.zh-CN.md');

/** Where links lead, but for those from one to the other. */
const linksOf = (text: string) =>
  [...text.matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target]) => target)
    .filter((target) => !target?.startsWith('README'));
const headingsOf = (text: string) =>
  text
    .replaceAll(/^```[\s\S]*?^```/gm, '')
    .split('\n')
    .flatMap((line) => /^(#+) /.exec(line)?.[1] ?? []);
const fences = (text: string) => text.match(/^```[\s\S]*?^```/gm);

test('README.zh-CN.md has the headings of README.md', () => {
  expect(headingsOf(chinese)).toEqual(headingsOf(english));
});

test('README.zh-CN.md has the commands and blocks of README.md, in the same order', () => {
  const commands = (text: string) => commandBlocks(text).map((block) => block.commands);
  expect(commands(chinese)).toEqual(commands(english));
  expect(fences(chinese)).toEqual(fences(english));
});

test('README.zh-CN.md has the links of README.md', () => {
  expect(linksOf(chinese)).toEqual(linksOf(english));
});

test('README.zh-CN.md names the same flags, files and words of programs as README.md', () => {
  const spans = (text: string) =>
    [...text.replaceAll(/```[\s\S]*?```|<!--[\s\S]*?-->/g, '').matchAll(/`[^`]+`/g)].map(String).sort();
  expect(spans(chinese)).toEqual(spans(english));
});

test('both lead to each other', () => {
  expect(english).toContain('](README.zh-CN.md)');
  expect(chinese).toContain('](README.md)');
});
