import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { eventually } from '../../../test/eventually.ts';
import { Places } from './places.ts';

test('Places lets so many begin at once, the others in their turn', async () => {
  const places = new Places(2, 60_000);
  const begun: number[] = [];
  const begin = async (who: number) => {
    const giveBack = await places.take();
    begun.push(who);
    return giveBack;
  };
  const [first, second] = [begin(1), begin(2)];
  void begin(3);
  void begin(4);
  const giveBack = await first;
  await second;
  expect(begun).toEqual([1, 2]);
  giveBack();
  giveBack();
  await eventually(() => expect(begun).toEqual([1, 2, 3]));
  // A turn of the loop more: the second time the same place was given back was none.
  await sleep(1);
  expect(begun).toEqual([1, 2, 3]);
});

test('Places takes back the place of whoever has waited long enough', async () => {
  const places = new Places(1, 5);
  await places.take();
  const begin = performance.now();
  await places.take();
  expect(performance.now() - begin).toBeGreaterThan(3);
});
