import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameReader, framed } from './grpc-frames.ts';

test('FrameReader.read() gives the messages that framed() wrote, wherever the stream was cut', () => {
  const message = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.array(message), fc.integer({ min: 1, max: 17 }), (messages, pieceBytes) => {
      const bytes = Buffer.concat(messages.map(framed));
      const reader = new FrameReader();
      const read: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += pieceBytes)
        read.push(...reader.read(bytes.subarray(at, at + pieceBytes)));
      expect(read).toEqual(messages);
    }),
  );
});

test('framed() says that the message is not compressed, and its length in four bytes', () => {
  expect([...framed(Buffer.from('ab'))]).toEqual([0, 0, 0, 0, 2, 97, 98]);
});

test('FrameReader.read() throws for a message that is compressed', () => {
  expect(() => new FrameReader().read(Buffer.from([1, 0, 0, 0, 0]))).toThrow('not compressed, found 1');
});
