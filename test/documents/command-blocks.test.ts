import { describe, expect, test } from 'vitest';
import { commandBlocks, problemsOf, words } from './command-blocks.ts';

const page = (...lines: string[]) => lines.join('\n');

describe('commandBlocks()', () => {
  test('takes comments away and joins lines that go on', () => {
    const [block] = commandBlocks(
      page(
        '# Install',
        '```sh',
        '# first',
        'helm install tacho x \\',
        '  --wait   # waits',
        '',
        'a#b',
        '```',
      ),
    );
    expect(block).toEqual({
      line: 2,
      heading: 'Install',
      commands: ['helm install tacho x --wait', 'a#b'],
      markers: [],
    });
  });

  test('of a console takes what was typed, of other languages nothing', () => {
    const blocks = commandBlocks(
      page('```', '$ a b', 'answer', '```', '```json', '{}', '```', '```', 'text', '```'),
    );
    expect(blocks.map(({ commands }) => commands)).toEqual([['a b']]);
  });

  test('reads the markers of one comment, line by line', () => {
    const [block] = commandBlocks(
      page('<!-- run by test/a.test.ts: `x y`, `z`', '     not run: no room -->', '```sh', 'x y', '```'),
    );
    expect(block?.markers).toEqual([
      { kind: 'run', file: 'test/a.test.ts', fragments: ['x y', 'z'] },
      { kind: 'not run', fragments: [], reason: 'no room' },
    ]);
  });
});

describe('problemsOf()', () => {
  const files = new Map([['test/a.test.ts', `kubectl(['top', 'nodes', ...more])`]]);
  const problems = (marker: string, command: string) =>
    problemsOf(
      'docs/p.md',
      commandBlocks(page(marker, '```sh', command, '```'))[0] ?? expect.fail('no block'),
      (file) => files.get(file),
    );

  test('is content with a test that has the words, and with a reason', () => {
    expect(problems('<!-- run by test/a.test.ts: `top nodes` -->', 'kubectl top nodes')).toEqual([]);
    expect(problems('<!-- not run: needs a registry -->', 'skopeo copy')).toEqual([]);
  });

  test.each([
    [
      'no marker',
      '',
      'kubectl top nodes',
      /docs\/p\.md:2: nothing is said of the test that runs `kubectl top nodes`/,
    ],
    ['another command', '<!-- run by test/a.test.ts: `top nodes` -->', 'ls; kubectl top nodes x', undefined],
    [
      'words elsewhere',
      '<!-- run by test/a.test.ts: `top nodes` -->',
      'kubectl get pods',
      /in no command of the block/,
    ],
    [
      'no such file',
      '<!-- run by test/b.test.ts: `top nodes` -->',
      'kubectl top nodes',
      /there is no test\/b/,
    ],
    [
      'not in the file',
      '<!-- run by test/a.test.ts: `top pods` -->',
      'kubectl top pods',
      /does not run `top pods`/,
    ],
    ['page not read', '<!-- run by test/a.test.ts -->', 'kubectl top pods', /does not read docs\/p\.md/],
    ['a marker in other words', '<!-- tested -->', 'kubectl top pods', /cannot read the marker "tested"/],
    ['no reason', '<!-- not run: -->', 'kubectl top pods', /cannot read the marker/],
  ])('%s', (_case, marker, command, expected) => {
    const found = problems(marker, command);
    if (expected === undefined) expect(found).toEqual([]);
    else expect(found.join('\n')).toMatch(expected);
  });
});

test('words() sees the same in arguments of a test and in a command of a page', () => {
  expect(words("['-n', 'kube-system', ...['get', `pods`]]")).toBe(words('-n kube-system get pods'));
});
