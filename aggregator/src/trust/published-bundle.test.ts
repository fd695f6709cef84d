import { expect, test } from 'vitest';
import { PublishedBundle } from './published-bundle.ts';

/** Two places, and a clock. */
function bundle() {
  const clock = { ms: 0 };
  const published = new PublishedBundle(() => clock.ms, ['map', 'service']);
  const see = (place: string, held: string) => published.see(place, (wanted) => wanted === held);
  return { published, clock, see };
}

test('PublishedBundle.forMs is undefined until every place is known and holds it, then counts', () => {
  const { published, clock, see } = bundle();
  published.publish('a');
  see('map', 'a');
  expect(published.forMs).toBeUndefined();
  clock.ms = 10;
  see('service', 'a');
  clock.ms = 30;
  expect(published.forMs).toBe(20);
  published.publish('a');
  see('map', 'a');
  expect(published.forMs).toBe(20);
});

test('PublishedBundle.forMs starts anew after a place has held something else, and with another bundle', () => {
  const { published, clock, see } = bundle();
  for (const place of ['map', 'service']) see(place, 'a');
  published.publish('a');
  clock.ms = 10;
  see('map', 'x');
  expect(published.forMs).toBeUndefined();
  clock.ms = 20;
  see('map', 'a');
  clock.ms = 25;
  expect(published.forMs).toBe(5);
  published.publish('b');
  expect(published.forMs).toBeUndefined();
});
