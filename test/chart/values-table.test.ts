import { expect, test } from 'vitest';
import { commentsOf, valuesTable } from './values-table.ts';

const yaml = `# The image.
image:
  # Name of it,
  # without a tag.
  repository: ""
  # a|b
  tag: x

# A list.
list:
  - name: y
`;

test('commentsOf() joins the lines right above a key, whatever its depth', () => {
  expect(Object.fromEntries(commentsOf(yaml))).toEqual({
    image: 'The image.',
    'image.repository': 'Name of it, without a tag.',
    'image.tag': 'a|b',
    list: 'A list.',
  });
});

test('valuesTable() has a line for each path, and keeps a bar out of the table', () => {
  const values = { image: { repository: '', tag: 'x' }, list: [{ name: 'y' }] };
  expect(valuesTable(yaml, values, ['image.tag', 'list'])).toBe(
    '| key | default | |\n| --- | --- | --- |\n| `image.tag` | `"x"` | a\\|b |\n| `list` | `[{"name":"y"}]` | A list. |\n',
  );
});

test('valuesTable() refuses a key that nobody explains', () => {
  expect(() => valuesTable('a: 1\n', { a: 1 }, ['a'])).toThrow('Cannot describe a');
});
