import type { Run } from '../measured/entries.ts';
import type { Entry, Sample } from '../measured/entry.ts';

/** What a list is made of: entries that may have no sample, and a choice among them. */
export interface Listed {
  /** May pause too. */
  readonly runs: Iterable<Run | undefined>;
  readonly chosen: (entry: Entry) => boolean;
  readonly sampleOf: (entry: Entry) => Sample | undefined;
  /** Told of each sample that is served. */
  readonly served: (sample: Sample) => void;
}

/** How items become bytes. */
export interface ItemForm {
  /** Most bytes that write() will write for this item. */
  bound(entry: Entry, sample: Sample): number;
  /** @returns the offset behind the item */
  write(out: Uint8Array, offset: number, entry: Entry, sample: Sample): number;
}

/** What stands around and between the items. */
export interface ListFrame {
  readonly start: Uint8Array;
  readonly separator: Uint8Array;
  readonly end: Uint8Array;
  /** In the place of start and end when there is no item at all. */
  readonly empty: Uint8Array;
}

/** About a quarter of a millisecond of work. */
const pieceBytes = 256 * 1024;
const usualItemBytes = 512;
/** Entries that are looked at without one being served: about as much work. */
const pauseAfter = 2_000;

/** The whole list, in pieces of about 256 KiB. */
export function* listPieces(
  listed: Listed,
  form: ItemForm,
  frame: ListFrame,
): Generator<Uint8Array | undefined, void> {
  const buffers = new PieceBuffers(firstBytes(listed));
  let out = buffers.next(frame.start.length);
  let offset = put(out, 0, frame.start);
  let count = 0;
  for (const item of samples(listed)) {
    if (item === undefined) {
      yield undefined;
      continue;
    }
    const { entry, sample } = item;
    if (offset + form.bound(entry, sample) + frame.separator.length > out.length) {
      if (offset > 0) yield out.subarray(0, offset);
      // Asked again: a label or a container may have come meanwhile.
      out = buffers.next(form.bound(entry, sample) + frame.separator.length);
      offset = 0;
    }
    if (count > 0) offset = put(out, offset, frame.separator);
    offset = form.write(out, offset, entry, sample);
    count += 1;
  }
  if (count === 0) {
    yield frame.empty;
    return;
  }
  if (offset + frame.end.length > out.length) {
    yield out.subarray(0, offset);
    out = buffers.next(frame.end.length);
    offset = 0;
  }
  yield out.subarray(0, put(out, offset, frame.end));
}

/**
 * The items alone, all of them kept until the last is made: for a format that says the length of the whole first.
 * @returns the pieces and their length, behind as many undefined as there were good moments for others
 */
export function* keptItems(
  listed: Listed,
  form: ItemForm,
): Generator<undefined, { readonly pieces: readonly Uint8Array[]; readonly bytes: number }> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  let out = Buffer.allocUnsafeSlow(firstBytes(listed));
  let offset = 0;
  for (const item of samples(listed)) {
    if (item === undefined) {
      yield undefined;
      continue;
    }
    const { entry, sample } = item;
    if (offset + form.bound(entry, sample) > out.length) {
      pieces.push(out.subarray(0, offset));
      bytes += offset;
      yield undefined;
      out = Buffer.allocUnsafeSlow(Math.max(pieceBytes, form.bound(entry, sample)));
      offset = 0;
    }
    offset = form.write(out, offset, entry, sample);
  }
  pieces.push(out.subarray(0, offset));
  return { pieces, bytes: bytes + offset };
}

interface Item {
  entry: Entry;
  sample: Sample;
}

/** One object for all items: what it holds is to be read before the next is asked for. */
export function* samples({ runs, chosen, sampleOf, served }: Listed): Generator<Readonly<Item> | undefined> {
  let item: Item | undefined;
  let idle = 0;
  for (const run of runs) {
    if (run === undefined) {
      yield undefined;
      continue;
    }
    for (const entry of run) {
      idle += 1;
      if (idle === pauseAfter) {
        yield undefined;
        idle = 0;
      }
      if (!chosen(entry)) continue;
      const sample = sampleOf(entry);
      if (sample === undefined) continue;
      served(sample);
      if (item === undefined) item = { entry, sample };
      else {
        item.entry = entry;
        item.sample = sample;
      }
      yield item;
    }
  }
}

/** Two buffers by turns: the one that was handed out last but one may be written to again. */
class PieceBuffers {
  readonly #buffers: Uint8Array[] = [];
  readonly #firstBytes: number;
  #turn = 0;

  constructor(firstBytes: number) {
    this.#firstBytes = firstBytes;
  }

  next(leastBytes: number): Uint8Array {
    this.#turn = 1 - this.#turn;
    const wanted = Math.max(leastBytes, this.#firstBytes);
    const before = this.#buffers[this.#turn];
    if (before !== undefined && before.length >= wanted) return before;
    const buffer = Buffer.allocUnsafeSlow(wanted);
    this.#buffers[this.#turn] = buffer;
    return buffer;
  }
}

/** So that a short list does not pay for a long one. */
function firstBytes({ runs }: Listed): number {
  if (!Array.isArray(runs)) return pieceBytes;
  let count = 2;
  for (const run of runs) count += run?.length ?? 0;
  return Math.min(pieceBytes, count * usualItemBytes);
}

function put(out: Uint8Array, offset: number, bytes: Uint8Array): number {
  out.set(bytes, offset);
  return offset + bytes.length;
}
