import { gunzipSync } from 'node:zlib';
import { errorWords } from '@tacho/command-line';
import { CORE_SCHEMA, load } from 'js-yaml';
import type { Answer, SharedRequest } from './exchange.ts';
import { readOpenApiMessage } from './openapi-message.ts';
import { isOpenApi, openApiOutline } from './openapi-outline.ts';
import { settled, settledText, type Tree } from './settled.ts';
import { readKubernetesProtobuf } from './wire-tree.ts';

/** An answer of which only that is left which two right servers have in common. */
export interface NormalAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** How the body is written, beyond what it says. */
  readonly form: Readonly<Record<string, string | boolean>>;
  readonly body: Tree;
}

/** Not about the answer but about the connection, or implied by the rest. */
const ignoredHeaders = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function normalAnswer(request: SharedRequest, answer: Answer): NormalAnswer {
  const headers = Object.entries(answer.headers)
    .filter(([name]) => !ignoredHeaders.has(name))
    .map(([name, values]) => [name, values.map((value) => settledHeader(request, name, value)).join(' | ')])
    .toSorted();
  const raw = Buffer.from(answer.body, 'base64');
  const type = answer.headers['content-type']?.[0] ?? '';
  const plain = answer.headers['content-encoding']?.includes('gzip') ? unzipped(raw) : raw;
  const isTwin = request.tachoVersion === 'v1';
  return {
    status: answer.status,
    headers: Object.fromEntries(headers) as Record<string, string>,
    form: { ...formOf(request, type, plain), ...(answer.cut ? { cut: true } : {}) },
    body: isTwin ? withoutVersion(bodyOf(request, type, plain)) : bodyOf(request, type, plain),
  };
}

function settledHeader(request: SharedRequest, name: string, value: string): string {
  if (name === 'audit-id') {
    if ([request.headers['audit-id']].flat().includes(value)) return '<that of the request>';
    return uuid.test(value) ? '<uuid>' : value;
  }
  if (name === 'last-modified' || name === 'expires')
    return Number.isNaN(Date.parse(value)) ? value : '<instant>';
  return settledText(value);
}

function unzipped(raw: Buffer): Buffer {
  try {
    return gunzipSync(raw);
  } catch {
    return Buffer.from('<not gzip>');
  }
}

function formOf({ path }: SharedRequest, type: string, body: Buffer): NormalAnswer['form'] {
  if (!type.startsWith('application/json')) return { empty: body.length === 0 };
  const text = body.toString('utf8');
  return {
    empty: body.length === 0,
    indented: text.includes('\n  "'),
    endsWithNewline: text.endsWith('\n'),
    // Go writes these as \u003c and the like; in OpenAPI documents they are words.
    hasBareMarkup: !path.startsWith('/openapi/') && /[<>&]/.test(text),
  };
}

function bodyOf({ path }: SharedRequest, type: string, body: Buffer): Tree {
  const text = body.toString('utf8');
  // What a server counts is its own.
  if (path.startsWith('/metrics') && type.startsWith('text/plain')) return '<metrics>';
  if (type.startsWith('application/com.github.proto-openapi'))
    return messageOf(body, (bytes) => outlined(readOpenApiMessage(type, bytes)));
  if (type.startsWith('application/vnd.kubernetes.protobuf'))
    return messageOf(body, (bytes) => settled(readKubernetesProtobuf(bytes)));
  if (type.startsWith('application/yaml'))
    return parsed(text, (yaml) => sorted(load(yaml, { schema: CORE_SCHEMA }) as Tree));
  if (type.startsWith('application/json')) return parsed(text, JSON.parse);
  // Lines by what they say: the order of health checks means nothing.
  const lines = settledText(text).split('\n');
  return lines.length === 1 ? settledText(text) : lines.toSorted();
}

/** Go orders the keys of YAML in a way of its own, with numbers inside of them; nobody who reads YAML sees it. */
function sorted(tree: Tree): Tree {
  if (tree === null || typeof tree !== 'object') return tree;
  if (Array.isArray(tree)) return (tree as readonly Tree[]).map(sorted);
  const entries = Object.entries(tree as { readonly [key: string]: Tree });
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]),
  );
}

const outlined = (tree: Tree): Tree => (isOpenApi(tree) ? openApiOutline(tree) : settled(tree));

/** A document, or the text that is none. */
function parsed(text: string, parse: (text: string) => unknown): Tree {
  try {
    const tree = parse(text) as Tree;
    return outlined(tree);
  } catch {
    return settledText(text);
  }
}

function messageOf(body: Buffer, read: (body: Buffer) => Tree): Tree {
  try {
    return read(body);
  } catch (error) {
    return `${errorWords(error)}: ${body.toString('hex').slice(0, 80)}`;
  }
}

function withoutVersion(tree: Tree): Tree {
  const text = JSON.stringify(tree).replaceAll(
    /metrics\.k8s\.io\/v1(?:beta1)?\b/g,
    'metrics.k8s.io/<version>',
  );
  return JSON.parse(text) as Tree;
}
