import { expect, test } from 'vitest';
import { RememberedContainers } from './remembered-containers.ts';

const container = (name: string) => ({ path: `/k8s.io/${name}`, podUid: undefined, containerId: name });
const listing =
  (names: readonly string[], isRefused = false) =>
  (refused: () => void) => {
    if (isRefused) refused();
    return names.map(container);
  };

test('RememberedContainers.look() keeps what it knew where a listing was refused, and says what may have been there', () => {
  const containers = new RememberedContainers();
  const look = (...of: Parameters<typeof listing>) =>
    containers.look(listing(...of)).map(({ containerId, foundLate = false }) => [containerId, foundLate]);
  expect(look(['a'], true)).toEqual([['a', false]]);
  expect(look(['a', 'b'])).toEqual([
    ['a', false],
    ['b', true],
  ]);
  expect(look([], true)).toEqual([
    ['a', false],
    ['b', true],
  ]);
  expect(look(['a', 'c'])).toEqual([
    ['a', false],
    ['c', true],
  ]);
  expect(look(['a', 'd'])).toEqual([
    ['a', false],
    ['d', false],
  ]);
  expect(look([])).toEqual([]);
});
