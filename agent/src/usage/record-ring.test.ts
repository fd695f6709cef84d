import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RecordRing } from './record-ring.ts';

test('RecordRing.get() of a record that is not there is NaN', () => {
  const ring = new RecordRing(2);
  expect([ring.get(-1, 0), ring.get(0, 0)]).toEqual([Number.NaN, Number.NaN]);
  ring.set(ring.append(), 1, 5);
  expect([ring.get(-1, 1), ring.get(0, 1), ring.get(1, 1)]).toEqual([Number.NaN, 5, Number.NaN]);
});

test('RecordRing holds what an array would hold, whatever is appended and dropped', () => {
  const step = fc.constantFrom('append', 'append', 'append', 'drop', 'clear');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(step, { maxLength: 200 }), (fields, steps) => {
      const ring = new RecordRing(fields);
      let model: number[] = [];
      for (const [at, what] of steps.entries()) {
        if (what === 'append') {
          const added = ring.append();
          for (let field = 0; field < fields; field += 1) ring.set(added, field, at + field / 10);
          model.push(at);
        } else if (what === 'clear') {
          ring.clear();
          model = [];
        } else if (model.length > 0) {
          ring.dropOldest();
          model.shift();
        }
        expect(ring.length).toBe(model.length);
        expect(model.map((_, index) => ring.get(index, fields - 1))).toEqual(
          model.map((value) => value + (fields - 1) / 10),
        );
      }
    }),
  );
});
