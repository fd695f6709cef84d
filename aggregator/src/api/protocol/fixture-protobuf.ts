/** Protobuf written by hand for the tests beside it, as hexadecimal digits. */

export function varint(value: number): string {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]).toString('hex');
}

/** Bytes (hexadecimal) after their length. */
export function prefixed(hex: string): string {
  return varint(hex.length / 2) + hex;
}

/** A string after its length. */
export function text(value: string): string {
  return prefixed(Buffer.from(value).toString('hex'));
}
