import { itemJsonBound, jsonAnswer, writeItemJson } from '../encode/json-item.ts';
import { itemProtobufBound, protobufAnswer, writeItemProtobuf } from '../encode/protobuf-item.ts';
import type { Entry, Sample } from '../measured/entry.ts';
import type { Document } from '../protocol/document.ts';
import { protobufBody } from '../protocol/k8s-protobuf.ts';

/** Of one answer: when it was asked for, and whether items say their resourceVersion. */
export interface Answer {
  readonly nowMs: number;
  readonly revisions: boolean;
}

/** What an object on its own says of its type. */
export interface ObjectKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** NodeMetrics or PodMetrics on its own. */
export function objectDocument(
  { apiVersion, kind }: ObjectKind,
  entry: Entry,
  sample: Sample,
  { nowMs, revisions }: Answer,
): Document {
  return {
    json: () => {
      const out = Buffer.allocUnsafe(itemJsonBound(entry, sample));
      const end = writeItemJson(out, 0, entry, sample, jsonAnswer(nowMs, revisions));
      return `{"kind":"${kind}","apiVersion":"${apiVersion}",${out.toString('utf8', 1, end)}`;
    },
    protobuf: () => {
      const out = Buffer.allocUnsafe(itemProtobufBound(entry, sample));
      const end = writeItemProtobuf(out, 0, entry, sample, protobufAnswer(nowMs, revisions));
      return protobufBody(apiVersion, kind, out.subarray(0, end));
    },
  };
}
