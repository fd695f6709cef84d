/** One amount of memory; NaN while it is not known. */
export interface ByteCount {
  bytes: number;
}

export function createByteCount(): ByteCount {
  return { bytes: Number.NaN };
}
