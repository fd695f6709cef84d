import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  damagedReport,
  decodeAndCheck,
  encodedReport,
  expectSame,
  expectSound,
  readOrRefuse,
} from './fixture-report.ts';
import { noNames } from './report-names.ts';

test('readReport() refuses damaged and random bytes, or reads them as protobufjs does', () => {
  let passed = 0;
  fc.assert(
    fc.property(fc.option(encodedReport), damagedReport, (before, message) => {
      const last = before === null ? undefined : readOrRefuse(before);
      const read = readOrRefuse(message, last !== undefined && 'names' in last ? last.names : noNames);
      if (read === undefined) return;
      if ('report' in read && read.report.pods.length > 0) passed += 1;
      expectSound(read);
      expectSame(read, decodeAndCheck(message));
    }),
    { numRuns: 100_000 },
  );
  // Otherwise the bytes would only have tested the refusals.
  expect(passed).toBeGreaterThan(1_000);
});

test('readReport() reads what protobufjs wrote as checkReport() says, whatever names it has from before', () => {
  fc.assert(
    fc.property(encodedReport, encodedReport, (before, message) => {
      const last = readOrRefuse(before);
      const read = readOrRefuse(message, last !== undefined && 'names' in last ? last.names : noNames);
      if (read === undefined) throw new Error('a sound message was found to be malformed');
      expectSame(read, decodeAndCheck(message));
    }),
    { numRuns: 50_000 },
  );
});
