import { indentJson } from '../text/go-json.ts';
import { yaml } from '../text/yaml.ts';
import type { ApiResponse } from './api-message.ts';
import type { OutputForm } from './negotiation.ts';

/** The content of an answer, encoded only in the form that was agreed on. */
export interface Document {
  /** Compact, without a newline at the end. */
  json(): string;
  /** Absent where Kubernetes has no such form (Table). */
  protobuf?(): Buffer;
}

const uncached: Readonly<Record<string, string>> = { 'Cache-Control': 'no-cache, private' };

/** The answer in the negotiated form. `parameters` follow the media type in Content-Type. */
export function respond(
  status: number,
  document: Document,
  form: OutputForm,
  headers: Readonly<Record<string, string>> = uncached,
  parameters = '',
): ApiResponse {
  const body = encode(document, form);
  return { status, headers: { ...headers, 'Content-Type': `${form.mediaType}${parameters}` }, body };
}

/** JSON for answers that are never negotiated or could not be: indented, without a newline at the end. */
export function respondIndentedJson(status: number, json: string): ApiResponse {
  return { status, headers: { ...uncached, 'Content-Type': 'application/json' }, body: indentJson(json) };
}

function encode(document: Document, form: OutputForm): Buffer | string {
  if (form.mediaType === 'application/vnd.kubernetes.protobuf') {
    if (document.protobuf === undefined)
      throw new Error('negotiated protobuf for a document without that form');
    return document.protobuf();
  }
  const json = document.json();
  if (form.mediaType === 'application/yaml') return yaml(JSON.parse(json));
  return form.pretty ? indentJson(json) : `${json}\n`;
}
