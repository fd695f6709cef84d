import { expect, test } from 'vitest';
import { wantedCases, wantedNumber } from './cases.ts';

const given = (flags: Readonly<Record<string, string>>) => (name: string) => flags[name];

test('wantedCases() are the three, or the one that is asked for', () => {
  expect(wantedCases(given({})).map(({ size }) => size.nodes)).toEqual([100, 1_000, 5_000]);
  expect(wantedCases(given({ '--nodes': '5000' }))).toMatchObject([
    { size: { pods: 150_000 }, cpu: { atMost: 300 } },
  ]);
  expect(wantedCases(given({ '--nodes': '20' }))).toEqual([{ size: { nodes: 20, pods: 600 } }]);
  expect(wantedCases(given({ '--nodes': '5000', '--pods-per-node': '10' }))).toEqual([
    { size: { nodes: 5_000, pods: 50_000 } },
  ]);
});

test.each(['0', '-1', '1.5', 'many', ''])('wantedNumber() throws for %j', (text) => {
  expect(() => wantedNumber(given({ '--seconds': text }), '--seconds', 60)).toThrow(`found "${text}"`);
});

test('wantedCases() throws for --pods-per-node alone', () => {
  expect(() => wantedCases(given({ '--pods-per-node': '10' }))).toThrow('expected --nodes');
});
