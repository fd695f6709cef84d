import protobuf from 'protobufjs/light.js';
import { expect, test } from 'vitest';
import { MalformedMessage, WireReader } from './wire-reader.ts';

const of = (...bytes: number[]) => new WireReader(Buffer.from(bytes));
const written = (write: (writer: protobuf.Writer) => void) => {
  const writer = protobuf.Writer.create();
  write(writer);
  return new WireReader(Buffer.from(writer.finish()));
};

test.each([0, 1, 127, 128, 300, 2 ** 28, 2 ** 32, 2 ** 35 - 1, 2 ** 49, Number.MAX_SAFE_INTEGER])(
  'WireReader.count() reads %s',
  (value) => {
    expect(written((writer) => writer.uint64(value)).count()).toBe(value);
  },
);

test.each([2 ** 53, 2 ** 60, 2 ** 63])('WireReader.count() does not round %s: it is no count', (value) => {
  expect(written((writer) => writer.uint64(value)).count()).toBeNaN();
});

test('WireReader.count() takes 64 bits, and finds more of them malformed', () => {
  const nine = Array(9).fill(0xff);
  expect(of(...nine, 0x01).count()).toBeNaN();
  expect(() => of(...nine, 0x02).count()).toThrow(MalformedMessage);
  expect(() => of(...nine, 0xff, 0x01).count()).toThrow(MalformedMessage);
  expect(() => of(0xff).count()).toThrow(MalformedMessage);
});

test('WireReader.tag() takes numbers of up to 29 bits, and none of 0', () => {
  expect(of(0x12).tag()).toBe(0x12);
  expect(of(0xff, 0xff, 0xff, 0xff, 0x0f).tag()).toBe(0xffff_ffff);
  expect(() => of(0xff, 0xff, 0xff, 0xff, 0x10).tag()).toThrow(MalformedMessage);
  expect(() => of(0x07).tag()).toThrow(MalformedMessage);
});

test('WireReader.enter() bounds what is read by the message that was entered', () => {
  const wire = of(0x02, 0x01, 0x80, 0x01);
  const outer = wire.enter();
  expect(wire.count()).toBe(1);
  expect(() => wire.count()).toThrow(MalformedMessage);
  wire.leave(outer);
  expect(wire.end).toBe(4);
  expect(() => of(0x03, 0x01, 0x80).enter()).toThrow(MalformedMessage);
});

test.each<[string, number, number[]]>([
  ['a number', 0x20, [0xff, 0x01]],
  ['eight bytes', 0x21, [1, 2, 3, 4, 5, 6, 7, 8]],
  ['bytes', 0x22, [0x02, 1, 2]],
  ['four bytes', 0x25, [1, 2, 3, 4]],
])('WireReader.skip() leaves out %s, and nothing that is shorter', (_, tag, bytes) => {
  const wire = of(...bytes, 0x2a);
  wire.skip(tag, 3);
  expect(wire.position).toBe(bytes.length);
  expect(() => of(...bytes.slice(0, -1)).skip(tag, 3)).toThrow(MalformedMessage);
});

test.each([
  ['of a number that is known with another type', 0x18],
  ['that begins a group', 0x23],
  ['that ends a group', 0x24],
  ['of a type that there is not', 0x26],
])('WireReader.skip() finds a field %s malformed', (_, tag) => {
  expect(() => of(1, 1, 1).skip(tag, 3)).toThrow(MalformedMessage);
});
