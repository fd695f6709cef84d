import { expect, test } from 'vitest';
import { fixtureReader, web } from '../fixture-reader.ts';
import { pods } from '../protocol/metrics-group.ts';
import { parseFieldSelector } from './field-selector.ts';
import { parseLabelSelector } from './label-selector.ts';
import { select } from './selection.ts';

const many = Array.from({ length: 500 }, (_, index) => web.but({ name: `web-${index}` }));
const reader = fixtureReader([], many);

/** How many entries there are, and the most of them without a pause. */
function runsOf(labels: string, fields: string, namespace: string | undefined) {
  const { runs } = select(
    reader,
    { resource: pods, namespace },
    { labelSelector: parseLabelSelector(labels), fieldSelector: parseFieldSelector(fields) },
  );
  let [entries, most, since] = [0, 0, 0];
  for (const run of runs) {
    since = run === undefined ? 0 : since + run.length;
    most = Math.max(most, since);
    entries += run?.length ?? 0;
  }
  return { entries, most };
}

const terms = (count: number, term: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => term(index)).join(',');

test.each([
  ['a label of all', 'app=web', '', undefined, 500],
  ['labels of a namespace', terms(10_000, (index) => `!a${index}`), '', 'default', 4],
  ['labels of the cluster', terms(10_000, (index) => `!a${index}`), '', undefined, 4],
  ['fields', '', terms(4_000, (index) => `metadata.name!=a${index}`), undefined, 10],
  ['values', `app notin (${terms(16_000, (index) => `v${index}`)})`, '', 'default', 39],
])('select() pauses in time when it is asked for %s', (_, labels, fields, namespace, most) => {
  expect(runsOf(labels, fields, namespace)).toEqual({ entries: 500, most });
});

test.each(['app=web', terms(10_000, (index) => `!a${index}`)])(
  'select() can be gone through twice, by a Table, when it is asked for labels of the cluster',
  (labels) => {
    const { runs } = select(
      fixtureReader([], [web]),
      { resource: pods, namespace: undefined },
      { labelSelector: parseLabelSelector(labels), fieldSelector: [] },
    );
    for (const time of [1, 2]) {
      expect([...runs].flatMap((run) => run ?? []).length, `time ${time}`).toBe(1);
    }
  },
);
