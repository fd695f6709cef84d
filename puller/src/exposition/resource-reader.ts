import { parseOwner } from './label-text.ts';
import { parseTimestamp, parseValue } from './number-text.ts';
import { ContainerReading, type Flaw, families, type Kind, Reading } from './reading.ts';

const [newline, tab, space, hash, quote, backslash, open, close] = [
  0x0a, 0x09, 0x20, 0x23, 0x22, 0x5c, 0x7b, 0x7d,
];

/** More than any line of a kubelet's, and than any node's containers. */
export const longestLineBytes = 8_192;
export const mostContainers = 10_000;

/** Why nothing of a body can be used: whose a series is cannot be told, so some pod would look smaller than it is. */
export type Failure = 'labels' | 'line too long' | 'too many containers' | 'cut off' | 'no series';

/** What is wrong, and in which line, from 1. */
export interface At<What> {
  readonly what: What;
  readonly line: number;
}

/** What a whole body says. */
export interface ResourceReadings {
  readonly node: Reading;
  readonly containers: readonly ContainerReading[];
  /** The first of the series that cannot be used; whatever it is of has a flaw, the others are sound. */
  readonly flawed: At<Flaw> | undefined;
  readonly flaws: number;
}

const known = new Map<string, { readonly of: 'node' | 'container'; readonly kind: Kind }>(
  Object.entries(families),
);

/**
 * Reads a kubelet's /metrics/resource as it comes in: takes what is needed from each line where it lies, keeps no more of
 * the text than the line that is not whole yet, and makes strings only of the names of series and the labels.
 */
export class ResourceReader {
  readonly #node = new Reading();
  readonly #containers = new Map<string, ContainerReading>();
  /** The same by the text between the braces, which is the same in all families. */
  readonly #byLabels = new Map<string, ContainerReading>();
  #rest: Buffer | undefined;
  #line = 0;
  #series = 0;
  #flaws = 0;
  #flawed: At<Flaw> | undefined;
  #failure: At<Failure> | undefined;

  /** @returns false once nothing of this body can be used: the rest of it need not be read */
  write(chunk: Buffer): boolean {
    let begin = 0;
    while (this.#failure === undefined) {
      const end = chunk.indexOf(newline, begin);
      const part = end < 0 ? chunk.length - begin : end - begin;
      if ((this.#rest?.length ?? 0) + part > longestLineBytes) {
        this.#line += 1;
        this.#fail('line too long');
        break;
      }
      if (end < 0) {
        // A copy: the chunk's memory is used again.
        if (part > 0) this.#rest = Buffer.concat([this.#rest ?? Buffer.alloc(0), chunk.subarray(begin)]);
        break;
      }
      this.#line += 1;
      if (this.#rest === undefined) this.#read(chunk, begin, end);
      else {
        const whole = Buffer.concat([this.#rest, chunk.subarray(begin, end)]);
        this.#rest = undefined;
        this.#read(whole, 0, whole.length);
      }
      begin = end + 1;
    }
    return this.#failure === undefined;
  }

  /** After the last chunk. */
  end(): ResourceReadings | At<Failure> {
    // The format ends each line, the last one too.
    if (this.#failure === undefined && this.#rest !== undefined) {
      this.#line += 1;
      this.#fail('cut off');
    }
    if (this.#failure === undefined && this.#series === 0) this.#fail('no series');
    if (this.#failure !== undefined) return this.#failure;
    return {
      node: this.#node,
      containers: [...this.#containers.values()],
      flawed: this.#flawed,
      flaws: this.#flaws,
    };
  }

  #fail(what: Failure): void {
    this.#failure ??= { what, line: this.#line };
  }

  #read(bytes: Buffer, from: number, end: number): void {
    const begin = skipBlanks(bytes, from, end);
    if (begin === end || bytes[begin] === hash) return;
    let at = begin;
    while (at < end && bytes[at] !== open && bytes[at] !== space && bytes[at] !== tab) at += 1;
    const family = known.get(bytes.toString('latin1', begin, at));
    if (family === undefined) return;
    this.#series += 1;
    at = skipBlanks(bytes, at, end);
    let labels = '';
    if (bytes[at] === open && at < end) {
      const closes = closingBrace(bytes, at + 1, end);
      if (closes < 0) {
        this.#fail('labels');
        return;
      }
      labels = bytes.toString('utf8', at + 1, closes);
      at = closes + 1;
    }
    const reading = family.of === 'node' ? this.#node : this.#container(labels);
    if (reading !== undefined) this.#take(reading, family.kind, bytes, at, end);
  }

  #container(labels: string): ContainerReading | undefined {
    const seen = this.#byLabels.get(labels);
    if (seen !== undefined) return seen;
    const owner = parseOwner(labels);
    if (owner === undefined) {
      this.#fail('labels');
      return undefined;
    }
    const key = `${owner.namespace} ${owner.pod} ${owner.container}`;
    let reading = this.#containers.get(key);
    if (reading === undefined) {
      if (this.#containers.size === mostContainers) {
        this.#fail('too many containers');
        return undefined;
      }
      reading = new ContainerReading(owner);
      this.#containers.set(key, reading);
    }
    // The other labels are the kubelet's choice: what is not remembered is only read again.
    if (this.#byLabels.size < mostContainers) this.#byLabels.set(labels, reading);
    return reading;
  }

  /** Takes the value, and the timestamp where there is one, from what follows the labels. */
  #take(reading: Reading, kind: Kind, bytes: Buffer, from: number, end: number): void {
    const begin = skipBlanks(bytes, from, end);
    const valueEnd = skipWord(bytes, begin, end);
    const value = parseValue(bytes, begin, valueEnd);
    const atBegin = skipBlanks(bytes, valueEnd, end);
    const atEnd = skipWord(bytes, atBegin, end);
    let atMs = atBegin === end ? undefined : parseTimestamp(bytes, atBegin, atEnd);
    if (skipBlanks(bytes, atEnd, end) !== end) atMs = Number.NaN;
    const what = reading.take(kind, value, atMs);
    if (what === undefined) return;
    this.#flaws += 1;
    this.#flawed ??= { what, line: this.#line };
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab;
}

function skipBlanks(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && isBlank(bytes[at])) at += 1;
  return at;
}

function skipWord(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(bytes[at])) at += 1;
  return at;
}

/** Where the labels end: at the first brace that is not in a quoted value. @returns -1 where they do not */
function closingBrace(bytes: Buffer, from: number, end: number): number {
  let quoted = false;
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === close && !quoted) return at;
    if (byte === quote) quoted = !quoted;
    else if (byte === backslash && quoted) at += 1;
  }
  return -1;
}
