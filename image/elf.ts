/** What a program or shared library says of the files that it cannot start without. */
export interface ElfNeeds {
  /** Path of the dynamic loader; undefined of a library. */
  readonly loader?: string;
  /** Names of shared libraries. */
  readonly libraries: readonly string[];
}

const programHeader = { load: 1, dynamic: 2, interpreter: 3 };
const dynamicTag = { end: 0n, needed: 1n, stringTable: 5n };

/**
 * Reads an ELF file of 64 bits, little endian (System V ABI, "Object Files" and "Dynamic Linking").
 * @throws on another kind of file, and on one without a table of what it needs
 */
export function elfNeeds(file: Buffer): ElfNeeds {
  if (file.length < 64 || file.readUInt32BE(0) !== 0x7f454c46 || file[4] !== 2 || file[5] !== 1)
    throw new Error('Cannot read what a file needs: expected ELF of 64 bits, little endian');
  const at = Number(file.readBigUInt64LE(32));
  const [size, count] = [file.readUInt16LE(54), file.readUInt16LE(56)];
  const headers = Array.from({ length: count }, (_, index) => {
    const start = at + index * size;
    return {
      type: file.readUInt32LE(start),
      offset: Number(file.readBigUInt64LE(start + 8)),
      address: Number(file.readBigUInt64LE(start + 16)),
      bytes: Number(file.readBigUInt64LE(start + 32)),
    };
  });
  const dynamic = headers.find(({ type }) => type === programHeader.dynamic);
  if (dynamic === undefined) throw new Error('Cannot read what a file needs: it is linked statically');
  const entries: (readonly [bigint, number])[] = [];
  for (let each = dynamic.offset; each < dynamic.offset + dynamic.bytes; each += 16) {
    const tag = file.readBigUInt64LE(each);
    if (tag === dynamicTag.end) break;
    entries.push([tag, Number(file.readBigUInt64LE(each + 8))]);
  }
  const table = entries.find(([tag]) => tag === dynamicTag.stringTable)?.[1] ?? 0;
  const segment = headers.find(
    ({ type, address, bytes }) => type === programHeader.load && table >= address && table < address + bytes,
  );
  if (segment === undefined)
    throw new Error('Cannot read what a file needs: its table of strings is not in it');
  const strings = table - segment.address + segment.offset;
  const interpreter = headers.find(({ type }) => type === programHeader.interpreter);
  return {
    libraries: entries
      .filter(([tag]) => tag === dynamicTag.needed)
      .map(([, offset]) => textAt(file, strings + offset)),
    ...(interpreter === undefined ? {} : { loader: textAt(file, interpreter.offset) }),
  };
}

function textAt(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, file.indexOf(0, offset));
}
