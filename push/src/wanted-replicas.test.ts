import { expect, test } from 'vitest';
import { wantedReplicas } from './wanted-replicas.ts';

const names = (...addresses: string[]) => new Map(addresses.map((address) => [address, 'tacho.svc']));
const none = names();

test.each([
  [
    'what connected replicas tell, before all else',
    names('a', 'b'),
    names('x'),
    names('y'),
    true,
    ['a', 'b'],
  ],
  ['what DNS says while those who are connected know nothing', none, none, names('x'), true, ['x']],
  [
    'no longer what was told once DNS has been asked and somebody is connected',
    none,
    names('a'),
    names('x'),
    true,
    ['x'],
  ],
  ['what was told last until DNS has been asked', none, names('a'), none, true, ['a']],
  [
    'what was told last and what DNS says while nobody is connected',
    none,
    names('a'),
    names('x'),
    false,
    ['x', 'a'],
  ],
  ['nothing where nothing is known', none, none, none, false, []],
])('wantedReplicas() is %s', (_, told, toldLast, resolved, anyConnected, wanted) => {
  expect([...wantedReplicas({ told, toldLast, resolved, anyConnected }).keys()]).toEqual(wanted);
});
