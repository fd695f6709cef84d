import { expect, test } from 'vitest';
import { Entry } from '../api/measured/entry.ts';
import { LabelSets } from './label-sets.ts';

type Labels = Readonly<Record<string, string>>;

function held() {
  const sets = new LabelSets();
  const add = (name: string, labels: Labels) => {
    const entry = new Entry('pods', 'default', name, sets.intern(labels));
    sets.add(entry);
    return entry;
  };
  const names = (...keys: string[]) =>
    [...sets.withKeys(keys)].flatMap(([, entries]) => [...entries].map(({ name }) => name)).sort();
  return { sets, add, names };
}

test('withKeys() tells all entries when no key is needed, and of several keys looks at the rarest', () => {
  const { add, names } = held();
  add('a', { app: 'web' });
  add('b', { app: 'web' });
  add('c', { app: 'web', track: 'canary' });
  add('d', {});

  expect(names()).toEqual(['a', 'b', 'c', 'd']);
  expect(names('app')).toEqual(['a', 'b', 'c']);
  expect(names('app', 'track')).toEqual(['c']);
  expect(names('app', 'zone')).toEqual([]);
  expect(names('constructor')).toEqual([]);
});

test('intern() gives equal labels one object, until the last entry that has them is deleted', () => {
  const { sets, add, names } = held();
  const [a, b] = [add('a', { app: 'web' }), add('b', { app: 'web' })];
  expect(a.labels).toBe(b.labels);

  sets.delete(a, a.labels);
  expect(names('app')).toEqual(['b']);
  sets.delete(b, b.labels);
  expect([names('app'), names()]).toEqual([[], []]);
  expect(sets.intern({ app: 'web' })).not.toBe(a.labels);
});
