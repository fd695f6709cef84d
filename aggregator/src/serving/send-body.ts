import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, createGzip, gzip } from 'node:zlib';
import type { ApiResponse, Pieces, WatchBody } from '../api/protocol/api-message.ts';

/** As k8s.io/apiserver: below this, compressing costs more than it saves. */
export const usualGzipAboveBytes = 128 * 1024;
const sliceBytes = 256 * 1024;
/** A list is worked on for so long at a stretch before reports, probes and other requests have their turn. */
const longestStretchMs = 4;
/** kube-apiserver asks for gzip on the way to us, where bytes are cheaper than CPU. */
const gzipOptions = { level: constants.Z_BEST_SPEED, chunkSize: 64 * 1024 };
const gzipWhole = promisify<Uint8Array, object, Buffer>(gzip);

/** Whether the client takes gzip: as k8s.io/apiserver, only where it stands by itself, without a quality. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  return acceptEncoding?.split(',').some((coding) => coding.trim() === 'gzip') === true;
}

export interface SendOptions {
  /** From what length on the body is compressed; undefined: not at all. */
  readonly gzipAboveBytes: number | undefined;
  readonly monotonicMs: () => number;
}

/**
 * Sends the body of an answer whose status and headers are set, as fast as the client reads it.
 * @throws when the connection breaks
 */
export async function sendBody(
  outgoing: ServerResponse,
  body: Exclude<ApiResponse['body'], WatchBody>,
  { gzipAboveBytes, monotonicMs }: SendOptions,
): Promise<void> {
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    await sendWhole(outgoing, typeof body === 'string' ? Buffer.from(body, 'utf8') : body, gzipAboveBytes);
    return;
  }
  const pieces = paced(body, monotonicMs, () => outgoing.destroyed);
  try {
    const { value: first } = await pieces.next();
    const { value: second } = await pieces.next();
    if (first === undefined || second === undefined) {
      await sendWhole(outgoing, first ?? Buffer.alloc(0), gzipAboveBytes);
      return;
    }
    const all = startingWith(first, second, pieces);
    await (gzipAboveBytes === undefined ? sendPlain(outgoing, all) : sendGzipped(outgoing, all));
  } finally {
    await pieces.return(undefined);
  }
}

async function sendWhole(
  outgoing: ServerResponse,
  body: Uint8Array,
  gzipAboveBytes: number | undefined,
): Promise<void> {
  if (gzipAboveBytes === undefined || body.length <= gzipAboveBytes) {
    outgoing.setHeader('Content-Length', body.length);
    if (body.length <= sliceBytes) outgoing.end(body);
    else await sendPlain(outgoing, slices(body));
    return;
  }
  announceGzip(outgoing);
  await sendPlain(outgoing, slices(await gzipWhole(body, gzipOptions)));
}

/** So that a slow reader of something long is seen to go on reading. */
function* slices(body: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < body.length; start += sliceBytes)
    yield body.subarray(start, start + sliceBytes);
}

async function sendPlain(
  outgoing: ServerResponse,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  for await (const piece of pieces) await written(outgoing, piece);
  outgoing.end();
}

/** The compression runs in a thread of its own. */
async function sendGzipped(outgoing: ServerResponse, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  announceGzip(outgoing);
  const compressing = createGzip(gzipOptions);
  const sent = (async () => {
    for await (const chunk of compressing) await written(outgoing, chunk as Buffer);
    outgoing.end();
  })();
  const compressed = (async () => {
    for await (const piece of pieces) await written(compressing, piece);
    compressing.end();
  })();
  try {
    await Promise.all([sent, compressed]);
  } finally {
    compressing.destroy();
    await Promise.allSettled([sent, compressed]);
  }
}

function announceGzip(outgoing: ServerResponse): void {
  outgoing.setHeader('Content-Encoding', 'gzip');
  if (!String(outgoing.getHeader('Vary')).includes('Accept-Encoding')) {
    outgoing.appendHeader('Vary', 'Accept-Encoding');
  }
}

/** Resolves when the bytes may be written over. */
function written(stream: Writable | ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    // A response that waits for others on its connection is never told of its writes when that breaks.
    const closed = () => reject(new Error('the connection was closed'));
    if (stream.destroyed) return closed();
    stream.once('close', closed);
    stream.write(bytes, (error) => {
      stream.off('close', closed);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Two pieces at the most are held at a time: more are not good any longer. */
async function* startingWith(
  first: Uint8Array,
  second: Uint8Array,
  others: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield second;
  yield* others;
}

/** The pieces, with others having their turn in between; no more of them once the client has left. */
async function* paced(
  body: Pieces,
  monotonicMs: () => number,
  hasLeft: () => boolean,
): AsyncGenerator<Uint8Array, undefined> {
  let turnMs = monotonicMs();
  for (const piece of body) {
    if (piece !== undefined) yield piece;
    if (monotonicMs() - turnMs < longestStretchMs) continue;
    await nextTurn();
    if (hasLeft()) return undefined;
    turnMs = monotonicMs();
  }
  return undefined;
}
