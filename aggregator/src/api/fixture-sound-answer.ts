/** What holds of each answer, whatever was asked: a client can decode it, and an error is a Status. */
import { load } from 'js-yaml';
import protobuf from 'protobufjs/light.js';
import { messageType } from './protocol/k8s-protobuf.ts';

export interface WholeAnswer {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without its encoding and its chunks. */
  readonly body: Buffer;
}

interface Question {
  readonly method: string;
  readonly target: string;
}

/** An error that is not written as a Status, as Kubernetes' own servers have it. */
interface PlainError {
  readonly status: number;
  readonly path: RegExp;
  readonly contentType: string | undefined;
  readonly body: RegExp;
}

const plainErrors: readonly PlainError[] = [
  {
    // The index of what is served, on paths outside the API group.
    ...{ status: 404, path: /^(?!\/apis\/metrics\.k8s\.io(?:[/?]|$))/, contentType: 'application/json' },
    body: /^\{\n {2}"paths": \[\n[\s\S]*\]\n\}$/,
  },
  { status: 406, path: /^\/openapi\/v[23]/, contentType: undefined, body: /^$/ },
  {
    ...{ status: 504, path: /[?&]timeout=/, contentType: 'text/plain; charset=utf-8' },
    body: /^\{"metadata":\{\},"status":"Failure","message":"Timeout: [\s\S]*"code":504\}\n$/,
  },
];

const texts = /^(?:\/healthz|\/livez|\/readyz|\/metrics)/;
const statuses: readonly number[] = [200, 304, 400, 401, 403, 404, 405, 406, 414, 422, 429, 504];
const watchEvent = protobuf.Root.fromJSON({
  nested: {
    WatchEvent: { fields: { type: { type: 'string', id: 1 }, object: { type: 'RawExtension', id: 2 } } },
    RawExtension: { fields: { raw: { type: 'bytes', id: 1 } } },
  },
}).lookupType('WatchEvent');

/** @throws when a client could make nothing of the answer */
export function checkSound({ method, target }: Question, answer: WholeAnswer): void {
  const { status, headers, body } = answer;
  const contentType = headers['content-type'];
  if (!statuses.includes(status)) throw new Error(`unexpected status ${status}: ${body}`);
  if (/html/i.test(contentType ?? '')) throw new Error(`the Content-Type is ${contentType}`);
  if (method === 'HEAD' || status === 304) {
    if (body.length > 0) throw new Error('found a body where there is none');
    return;
  }
  if (status >= 400 && isPlainError(target, answer)) return;
  const value = decoded(target, contentType ?? '', body);
  if (status >= 400) checkStatus(value, status);
}

function isPlainError(target: string, { status, headers, body }: WholeAnswer): boolean {
  // The paths are told apart as they are decoded.
  const path = unescaped(target);
  return plainErrors.some(
    (known) =>
      known.status === status &&
      known.contentType === headers['content-type'] &&
      known.path.test(path) &&
      known.body.test(body.toString('utf8')),
  );
}

function unescaped(target: string): string {
  const [path = '', ...query] = target.split('?');
  try {
    return [decodeURIComponent(path), ...query].join('?');
  } catch {
    return target;
  }
}

function decoded(target: string, contentType: string, body: Buffer): unknown {
  const [mediaType] = contentType.split(';', 1);
  if (mediaType === 'text/plain' && texts.test(unescaped(target))) return body.toString('utf8');
  if (mediaType === 'application/json') return decodedJson(body);
  if (mediaType === 'application/yaml') return load(body.toString('utf8'));
  if (contentType === 'application/vnd.kubernetes.protobuf;stream=watch') return decodedFrames(body);
  if (mediaType === 'application/vnd.kubernetes.protobuf') return decodedProtobuf(body);
  if (/^application\/com\.github\.proto-openapi\.spec\.v[23]\.v1\.0\+protobuf$/.test(contentType))
    return body;
  throw new Error(`cannot decode ${contentType}: ${body}`);
}

/** A document, or the events of a watch, one a line. */
function decodedJson(body: Buffer): unknown {
  const text = body.toString('utf8');
  if (/<html/i.test(text)) throw new Error(`found what looks like HTML: ${text}`);
  if (text === '') return undefined;
  if (!text.startsWith('{"type":')) return JSON.parse(text);
  if (!text.endsWith('\n')) throw new Error(`the last event has no end: ${text}`);
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

function decodedFrames(body: Buffer): unknown {
  const events: unknown[] = [];
  for (let offset = 0; offset < body.length; ) {
    const end = offset + 4 + body.readUInt32BE(offset);
    if (end > body.length) throw new Error('a frame is cut off');
    const event = watchEvent.toObject(watchEvent.decode(body.subarray(offset + 4, end)));
    events.push({ type: event['type'], object: decodedProtobuf(event['object'].raw as Buffer) });
    offset = end;
  }
  return events;
}

function decodedProtobuf(body: Buffer): unknown {
  if (!body.subarray(0, 4).equals(Buffer.from('k8s\0')))
    throw new Error(`no envelope: ${body.toString('hex')}`);
  const unknown = messageType('Unknown');
  const { typeMeta, raw } = unknown.toObject(unknown.decode(body.subarray(4)));
  const type = messageType(typeMeta.kind);
  return { ...typeMeta, ...type.toObject(type.decode(raw ?? Buffer.alloc(0))) };
}

function checkStatus(value: unknown, httpStatus: number): void {
  const { kind, apiVersion, status, code, message, reason } = (value ?? {}) as Record<string, unknown>;
  const found = JSON.stringify([kind, apiVersion, status, code]);
  const expected = JSON.stringify(['Status', 'v1', 'Failure', httpStatus]);
  if (found !== expected) throw new Error(`expected a Status ${expected}, found ${JSON.stringify(value)}`);
  if (typeof message !== 'string' || message === '' || typeof reason !== 'string' || reason === '') {
    throw new Error(`a Status without message or reason: ${JSON.stringify(value)}`);
  }
}
