/** HTTP/1.1 spoken byte by byte, so that nothing stops a test from saying what a client library would refuse to. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { gunzipSync } from 'node:zlib';
import type { CertificateAndKey } from '../../../test/stand-ins/kube-apiserver/pki.ts';
import type { WholeAnswer } from '../api/fixture-sound-answer.ts';

/** Where to speak, and as whom. */
export interface WireOptions {
  readonly port: number;
  readonly ca: string;
  readonly client?: CertificateAndKey | undefined;
}

/** The bytes break HTTP. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/** Longer than any answer takes; only a hang is. */
const hangMs = 20_000;

/** A connection with what was heard on it so far. */
export class Wire {
  readonly #socket: TLSSocket;
  #heard = Buffer.alloc(0);
  #ended = false;
  #wake: () => void = () => {};

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.#heard = Buffer.concat([this.#heard, chunk]);
      this.#wake();
    });
    // A reset says no more than the end does: answers that are missing are noticed.
    socket.on('error', () => undefined);
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  static async open({ port, ca, client }: WireOptions): Promise<Wire> {
    const socket = connect({
      ...{ host: '127.0.0.1', port, ca },
      ...(client !== undefined && { cert: client.certificate, key: client.key }),
    });
    const wire = new Wire(socket);
    await once(socket, 'secureConnect');
    return wire;
  }

  /** Whether the other side has said its last word. */
  get ended(): boolean {
    return this.#ended;
  }

  /** What was heard and belongs to no answer that was taken. */
  get rest(): Buffer {
    return this.#heard;
  }

  say(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Says that nothing more comes. */
  hangUp(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  /**
   * The next answer, without those that are only in between (1xx).
   * @param bodiless whether it answers HEAD
   * @returns undefined when the other side has ended before its first byte
   * @throws MalformedAnswer when it breaks HTTP, or is cut off; an error when nothing comes
   */
  async answer(bodiless: boolean): Promise<WholeAnswer | undefined> {
    for (;;) {
      const found = takeAnswer(this.#heard, bodiless);
      if (found !== undefined) {
        this.#heard = this.#heard.subarray(found.bytes);
        if (found.answer.status >= 200) return found.answer;
        continue;
      }
      if (this.#ended) {
        if (this.#heard.length === 0) return undefined;
        throw new MalformedAnswer(`an answer is cut off: ${this.#heard.toString('latin1')}`);
      }
      await this.#more();
    }
  }

  /** Waits until the other side has ended. */
  async end(): Promise<void> {
    while (!this.#ended) await this.#more();
  }

  async #more(): Promise<void> {
    let watchdog: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#wake = resolve;
      const heard = this.#heard.toString('latin1');
      watchdog = setTimeout(() => reject(new Error(`nothing comes after ${JSON.stringify(heard)}`)), hangMs);
    });
    clearTimeout(watchdog);
  }
}

interface Taken {
  readonly answer: WholeAnswer;
  /** How long it was on the wire. */
  readonly bytes: number;
}

/** @returns undefined when it is not there to the end yet */
function takeAnswer(heard: Buffer, bodiless: boolean): Taken | undefined {
  const headBytes = heard.indexOf('\r\n\r\n');
  if (headBytes < 0) return undefined;
  const [line = '', ...lines] = heard.subarray(0, headBytes).toString('latin1').split('\r\n');
  const [, digits] = /^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(line) ?? [];
  if (digits === undefined) throw new MalformedAnswer(`found the status line ${JSON.stringify(line)}`);
  const status = Number(digits);
  const headers = Object.fromEntries(lines.map(splitHeader));
  const start = headBytes + 4;
  const body = status < 200 || status === 304 || bodiless ? none(start) : takeBody(heard, start, headers);
  if (body === undefined) return undefined;
  const whole = headers['content-encoding'] === 'gzip' && !bodiless ? gunzipSync(body.bytes) : body.bytes;
  return { answer: { status, headers, body: whole }, bytes: body.end };
}

function splitHeader(line: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ?([\t\x20-\x7e\x80-\xff]*)$/.exec(line) ?? [];
  if (name === undefined || value === undefined)
    throw new MalformedAnswer(`found the header ${JSON.stringify(line)}`);
  return [name.toLowerCase(), value];
}

const none = (end: number) => ({ bytes: Buffer.alloc(0), end });

function takeBody(heard: Buffer, start: number, headers: Readonly<Record<string, string>>) {
  if (headers['transfer-encoding'] === 'chunked') return takeChunks(heard, start);
  const length = headers['content-length'];
  if (length === undefined || !/^\d+$/.test(length)) throw new MalformedAnswer('an answer without a length');
  const end = start + Number(length);
  return end > heard.length ? undefined : { bytes: heard.subarray(start, end), end };
}

function takeChunks(
  heard: Buffer,
  start: number,
): { readonly bytes: Buffer; readonly end: number } | undefined {
  const chunks: Buffer[] = [];
  for (let offset = start; ; ) {
    const lineEnd = heard.indexOf('\r\n', offset);
    if (lineEnd < 0) return undefined;
    const size = heard.subarray(offset, lineEnd).toString('latin1');
    if (!/^[\da-f]+$/i.test(size)) throw new MalformedAnswer(`found the chunk size ${JSON.stringify(size)}`);
    const from = lineEnd + 2;
    const to = from + Number.parseInt(size, 16);
    if (to + 2 > heard.length) return undefined;
    if (heard.toString('latin1', to, to + 2) !== '\r\n') throw new MalformedAnswer('a chunk has no end');
    if (to === from) return { bytes: Buffer.concat(chunks), end: to + 2 };
    chunks.push(heard.subarray(from, to));
    offset = to + 2;
  }
}
