import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rendezvousShares } from './rendezvous-shares.ts';

const things = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `ip-10-0-0-${index}` }));
const ownerOf = (shares: ReadonlyMap<string, readonly { readonly name: string }[]>) =>
  new Map([...shares].flatMap(([owner, its]) => its.map(({ name }) => [name, owner] as const)));
const pods = fc.uniqueArray(fc.stringMatching(/^tacho-puller-[a-z0-9]{8}-[a-z0-9]{5}$/, { size: 'max' }), {
  minLength: 1,
  maxLength: 6,
});

test('rendezvousShares() gives each thing to exactly one owner, whatever the order of both', () => {
  fc.assert(
    fc.property(pods, fc.uniqueArray(fc.string(), { maxLength: 50 }), (owners, names) => {
      const given = names.map((name) => ({ name }));
      const shares = rendezvousShares(given, owners);
      expect([...shares.keys()].sort()).toEqual([...owners].sort());
      expect(
        [...shares.values()]
          .flat()
          .map(({ name }) => name)
          .sort(),
      ).toEqual([...names].sort());
      expect(ownerOf(rendezvousShares(given.toReversed(), owners.toReversed()))).toEqual(ownerOf(shares));
    }),
  );
});

test('rendezvousShares() is balanced: of 1,000 things an owner has its part give or take a quarter', () => {
  fc.assert(
    fc.property(pods, (owners) => {
      const part = 1_000 / owners.length;
      for (const [, its] of rendezvousShares(things(1_000), owners)) {
        expect(Math.abs(its.length - part)).toBeLessThan(Math.max(0.25 * part, 6 * Math.sqrt(part)));
      }
    }),
  );
});

test('rendezvousShares() moves only what a new owner takes, and what one that goes had', () => {
  fc.assert(
    fc.property(pods, (owners) => {
      const [some, all] = [owners.slice(1), owners];
      const [before, after] = [some, all].map((each) => ownerOf(rendezvousShares(things(200), each)));
      for (const [name, owner] of after ?? []) {
        if (owner !== owners[0]) expect(before?.get(name)).toBe(owner);
      }
    }),
  );
});

test('rendezvousShares() among nobody is empty', () => {
  expect(rendezvousShares(things(3), []).size).toBe(0);
});
