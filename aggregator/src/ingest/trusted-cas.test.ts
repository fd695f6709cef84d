import { expect, test } from 'vitest';
import { readTrustedCas, withoutTrust } from './trusted-cas.ts';

const sha256 = Buffer.alloc(32, 0xab);

test('readTrustedCas() reads up to eight SHA-256 as hex', () => {
  expect(readTrustedCas([])).toEqual([]);
  expect(readTrustedCas(Array(8).fill(sha256))).toEqual(Array(8).fill('ab'.repeat(32)));
});

test.each([
  ['nothing', undefined],
  ['no list', { length: 0 }],
  ['nine', Array(9).fill(sha256)],
  ['one of 31 bytes', [sha256, sha256.subarray(1)]],
  ['one of a megabyte', [Buffer.alloc(1 << 20)]],
  ['text', ['ab'.repeat(32)]],
  ['a null', [null]],
])('readTrustedCas() takes nothing of %s', (_, given) => {
  expect(readTrustedCas(given)).toBeUndefined();
});

test('withoutTrust() names nodes that have no stream, and all with a stream that does not trust', () => {
  const stream = (node: string, trusted: string) => ({
    node,
    talk: { trusts: (ca: string) => ca === trusted },
  });
  const streams = [
    ...[stream('all', 'next'), stream('none', 'old')],
    ...[stream('newer', 'next'), stream('newer', 'old'), stream('older', 'old'), stream('older', 'next')],
    ...[stream('both', 'next'), stream('both', 'next'), stream('unasked', 'old')],
  ];
  const nodes = ['all', 'none', 'newer', 'older', 'both', 'away'];
  expect(withoutTrust(nodes, streams, 'next')).toEqual([...['none', 'newer', 'older', 'away'], 'unasked']);
});
