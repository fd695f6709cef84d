import { expect, test, vi } from 'vitest';
import { web } from '../fixture-reader.ts';
import type { Entry } from '../measured/entry.ts';
import { type ItemForm, keptItems, type Listed, listPieces } from './list-pieces.ts';

const frame = {
  start: Buffer.from('<'),
  separator: Buffer.from(','),
  end: Buffer.from('>'),
  empty: Buffer.from('nothing'),
};

/** Items of this many bytes: their name, and the rest of it dots. */
const itemsOf = (bytes: number): ItemForm => ({
  bound: () => bytes,
  write(out, offset, { name }) {
    out.fill(0x2e, offset, offset + bytes);
    out.set(Buffer.from(name), offset);
    return offset + bytes;
  },
});

const entries = (count: number) =>
  Array.from({ length: count }, (_, index) => web.but({ name: String(index) }));

function listed(runs: Listed['runs'], rest: Partial<Listed> = {}): Listed {
  return { runs, chosen: () => true, sampleOf: () => web.sample, served: () => {}, ...rest };
}

/** The body, each piece copied while it holds: one later. */
function bodyOf(pieces: Iterable<Uint8Array | undefined>) {
  const copies: string[] = [];
  let before: Uint8Array | undefined;
  let pauses = 0;
  for (const piece of pieces) {
    if (piece === undefined) pauses += 1;
    else {
      if (before !== undefined) copies.push(Buffer.from(before).toString());
      before = piece;
    }
  }
  if (before !== undefined) copies.push(Buffer.from(before).toString());
  return { body: copies.join(''), pieces: copies.length, pauses };
}

const named = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, index) => String(index).padEnd(bytes, '.'));

test.each([
  [0, 8, 1],
  [1, 8, 1],
  [500, 300, 1],
  [5_000, 300, 6],
  [20, 300_000, 22],
])('listPieces() makes one body of %i items of %i bytes in %i pieces', (count, bytes, pieces) => {
  const made = bodyOf(listPieces(listed([entries(count)]), itemsOf(bytes), frame));
  expect(made.body === (count === 0 ? 'nothing' : `<${named(count, bytes).join(',')}>`)).toBe(true);
  expect(made.pieces).toBeLessThanOrEqual(pieces);
});

test('listPieces() leaves out what is not chosen or has no sample, and tells of what is served', () => {
  const served = vi.fn();
  const runs = [entries(4), undefined, entries(4)];
  const chosen = ({ name }: Entry) => name !== '1';
  const sampleOf = ({ name }: Entry) => (name === '2' ? undefined : web.sample);
  const made = bodyOf(listPieces(listed(runs, { chosen, sampleOf, served }), itemsOf(1), frame));
  expect(made).toEqual({ body: '<0,3,0,3>', pieces: 1, pauses: 1 });
  expect(served).toHaveBeenCalledTimes(4);
});

test('listPieces() pauses while it looks at many and serves none', () => {
  const { pauses, body } = bodyOf(
    listPieces(listed([entries(10_000)], { chosen: () => false }), itemsOf(1), frame),
  );
  expect(body).toBe('nothing');
  expect(pauses).toBe(5);
});

test.each([
  [0, 8],
  [500, 300],
  [5_000, 300],
  [4, 300_000],
])('keptItems() keeps %i items of %i bytes and knows their length', (count, bytes) => {
  const making = keptItems(listed([entries(count)]), itemsOf(bytes));
  let step = making.next();
  while (step.done !== true) step = making.next();
  expect(step.value.bytes).toBe(count * bytes);
  expect(Buffer.concat(step.value.pieces).toString() === named(count, bytes).join('')).toBe(true);
});

test.each(['listPieces', 'keptItems'])(
  '%s() makes room for an item that grows while a piece is sent',
  (name) => {
    let bytes = 100_000;
    const grown = 2 * 1024 * 1024;
    const form: ItemForm = {
      bound: () => bytes,
      write: (out, offset) => {
        expect(offset + bytes).toBeLessThanOrEqual(out.length);
        return offset + bytes;
      },
    };
    const given = listed([entries(4)]);
    const pieces = name === 'listPieces' ? listPieces(given, form, frame) : keptItems(given, form);
    for (const _ of pieces) bytes = grown;
    expect(bytes).toBe(grown);
  },
);
