import { longestNumberBytes, writeBytes, writeFew } from '../encode/bytes.ts';
import { itemJsonBound, jsonAnswer, writeItemJson, writeNameJson } from '../encode/json-item.ts';
import { longestWindowBytes, writeByteCount, writeNanocores, writeWindow } from '../encode/quantity-bytes.ts';
import { type Entry, hasSwap, type Sample, totalUsage } from '../measured/entry.ts';
import type { Document } from '../protocol/document.ts';
import { badRequest } from '../protocol/status.ts';
import { goJson } from '../text/go-json.ts';
import { goQuote } from '../text/go-quote.ts';
import type { ListDocument } from './list-document.ts';
import { type ItemForm, type Listed, samples } from './list-pieces.ts';
import type { Answer, ObjectKind } from './object-document.ts';
import { partialJson } from './partial-object-metadata.ts';

/** What a row holds beside its cells. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

export interface TableRequest {
  /** The meta.k8s.io version that was asked for. */
  readonly apiVersion: string;
  /** What `includeObject=Object` puts into a row. */
  readonly object: ObjectKind;
  readonly includeObject: IncludeObject;
  readonly answer: Answer;
}

/** @throws StatusError 400 for an includeObject that does not exist. */
export function readIncludeObject(query: URLSearchParams): IncludeObject {
  const text = query.get('includeObject') ?? '';
  if (text === '') return 'Metadata';
  if (text === 'Metadata' || text === 'Object' || text === 'None') return text;
  const fault = `includeObject: Invalid value: ${goQuote(text)}`;
  const rule = "must be 'Metadata', 'Object', 'None', or empty";
  throw badRequest(`Unable to convert to Table as requested: ${fault}: ${rule}`);
}

/** `as=Table` of a list, what `kubectl get` prints. Without items there are neither rows nor columns: both are null. */
export function listTable(table: TableRequest, revision: string, swap: boolean): ListDocument {
  const { apiVersion } = table;
  const start = { kind: 'Table', apiVersion, metadata: revision === '' ? {} : { resourceVersion: revision } };
  return {
    head: { ...start, columnDefinitions: columns(swap) },
    member: 'rows',
    json: row(table, swap),
    empty: { ...start, columnDefinitions: null, rows: null },
  };
}

/** `as=Table` of one item. */
export function itemTable(table: TableRequest, entry: Entry, sample: Sample): Document {
  const swap = hasSwap(sample);
  const form = row(table, swap);
  return {
    json: () => {
      const out = Buffer.allocUnsafe(form.bound(entry, sample));
      const text = out.toString('utf8', 0, form.write(out, 0, entry, sample));
      const { apiVersion, answer } = table;
      const metadata = answer.revisions ? { resourceVersion: String(entry.revision) } : {};
      const head = { kind: 'Table', apiVersion, metadata, columnDefinitions: columns(swap) };
      return `${goJson(head).slice(0, -1)},"rows":[${text}]}`;
    },
  };
}

/** Whether any of the items knows its swap: a column for the others then too. */
export function* swapColumn(listed: Listed, known: boolean): Generator<undefined, boolean> {
  if (!known) return false;
  for (const item of samples({ ...listed, served: () => {} })) {
    if (item === undefined) yield undefined;
    else if (hasSwap(item.sample)) return true;
  }
  return false;
}

/** The columns of a Table, with or without that of the swap. */
export function columns(swap: boolean): readonly object[] {
  const description = 'Name of the node or pod that the metrics are of.';
  const resources = swap ? ['cpu', 'memory', 'swap'] : ['cpu', 'memory'];
  return [
    { name: 'Name', type: 'string', format: 'name', description, priority: 0 },
    ...resources.map((name) => ({ name, type: 'string', format: 'quantity', description: '', priority: 0 })),
    { name: 'Window', type: 'string', format: 'duration', description: '', priority: 0 },
  ];
}

const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const cellsMember = ascii('{"cells":[');
const between = ascii('","');
const objectMember = ascii('"],"object":');
/** `<unknown>` as Go escapes it: a node that does not count swap has no value where others have one, and not zero. */
const unknownCell = ascii('\\u003cunknown\\u003e');
const cellBytes = 2 * 253 + 4 * longestNumberBytes + longestWindowBytes;

/** A row of a Table. */
export function row(table: TableRequest, swap: boolean): ItemForm {
  const object = rowObject(table);
  return {
    bound: (entry, sample) => cellBytes + object.bound(entry, sample),
    write(out, offset, entry, sample) {
      const usage = totalUsage(sample);
      let end = writeFew(out, offset, cellsMember);
      // Without its closing quotation mark: that comes with the next cell.
      end = writeFew(out, writeNameJson(out, end, entry), between);
      end = writeFew(out, writeNanocores(out, end, usage.cpuNanocores), between);
      end = writeFew(out, writeByteCount(out, end, usage.memoryWorkingSetBytes), between);
      if (swap) {
        const { swapBytes } = usage;
        end = swapBytes === undefined ? writeFew(out, end, unknownCell) : writeByteCount(out, end, swapBytes);
        end = writeFew(out, end, between);
      }
      end = writeFew(out, writeWindow(out, end, sample.windowUsec), objectMember);
      end = object.write(out, end, entry, sample);
      out[end] = 0x7d;
      return end + 1;
    },
  };
}

function rowObject({ apiVersion, object, includeObject, answer }: TableRequest): ItemForm {
  const json = jsonAnswer(answer.nowMs, answer.revisions);
  if (includeObject === 'Metadata') return partialJson(apiVersion, json);
  if (includeObject === 'None') {
    const nothing = ascii('null');
    return { bound: () => nothing.length, write: (out, offset) => writeFew(out, offset, nothing) };
  }
  const kind = ascii(`{"kind":"${object.kind}","apiVersion":"${object.apiVersion}",`);
  return {
    bound: (entry, sample) => kind.length + itemJsonBound(entry, sample),
    write(out, offset, entry, sample) {
      // The item's own opening brace falls onto the comma and gives it its place back.
      const end = writeBytes(out, offset, kind) - 1;
      const behind = writeItemJson(out, end, entry, sample, json);
      out[end] = 0x2c;
      return behind;
    },
  };
}
