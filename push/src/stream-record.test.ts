import { expect, test } from 'vitest';
import { StreamRecord } from './stream-record.ts';

const directive = { periodUsec: 5_000_000, windowUsec: 10_000_000, peers: [] };
const report = (sampleMonotonicUsec: number) => ({ sampleMonotonicUsec, pods: [] });

test('StreamRecord counts what was sent on the present stream, and keeps the last of it when the stream ends', () => {
  let nowUsec = 10;
  const record = new StreamRecord(() => nowUsec);
  record.begin();
  expect(record.sent).toBeUndefined();
  record.noteSent(report(1));
  nowUsec = 20;
  record.noteSent(report(2));
  expect(record.sent).toEqual({ sampledAtUsec: 2, atUsec: 20, reports: 2 });
  record.begin();
  expect(record).toMatchObject({ sent: undefined, heard: undefined });
});

test('StreamRecord keeps the last directive when an echo is heard after it', () => {
  let nowUsec = 10;
  const record = new StreamRecord(() => nowUsec);
  record.begin();
  record.noteHeard({ directive });
  nowUsec = 30;
  record.noteHeard({ echo: { nonce: 1 } });
  expect(record.heard).toEqual({ atUsec: 30, directive });
});
