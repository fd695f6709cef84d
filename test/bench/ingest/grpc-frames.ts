/** gRPC's length-prefixed messages (grpc/doc/PROTOCOL-HTTP2.md): a byte that says "not compressed", four of length. */
const prefixBytes = 5;

/** A message as it goes into a stream. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame.writeUInt8(0, 0);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** Puts messages together from whatever pieces a stream brings. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @returns the messages that are complete now. @throws when one is compressed: nobody asked for that */
  read(chunk: Buffer): Buffer[] {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: Buffer[] = [];
    while (bytes.length >= prefixBytes) {
      if (bytes[0] !== 0) throw new Error(`expected a message that is not compressed, found ${bytes[0]}`);
      const end = prefixBytes + bytes.readUInt32BE(1);
      if (bytes.length < end) break;
      messages.push(bytes.subarray(prefixBytes, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return messages;
  }
}
