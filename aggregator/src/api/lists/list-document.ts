import type { Pieces } from '../protocol/api-message.ts';
import { protobufEnvelope } from '../protocol/k8s-protobuf.ts';
import type { OutputForm } from '../protocol/negotiation.ts';
import { goJson, indentJson } from '../text/go-json.ts';
import { yaml } from '../text/yaml.ts';
import { type ItemForm, keptItems, type Listed, type ListFrame, listPieces, samples } from './list-pieces.ts';

/** A list as its encoders need it. */
export interface ListDocument {
  /** Everything but the items, in the order of the members. */
  readonly head: Readonly<Record<string, unknown>>;
  /** The member that holds the items; the last one. */
  readonly member: 'items' | 'rows';
  readonly json: ItemForm;
  /** The list without items, where that is not an empty array. */
  readonly empty?: Readonly<Record<string, unknown>>;
  /** Absent where Kubernetes has no such form (Table). */
  readonly protobuf?: {
    readonly form: ItemForm;
    readonly apiVersion: string;
    readonly kind: string;
    /** What comes before the items: the ListMeta. */
    readonly start: Uint8Array;
  };
}

/** The body of a list in the form that was agreed on. */
export function listBody(document: ListDocument, listed: Listed, { mediaType, pretty }: OutputForm): Pieces {
  if (mediaType === 'application/vnd.kubernetes.protobuf') return protobufPieces(document, listed);
  if (mediaType === 'application/yaml') {
    return textPieces(document, listed, yamlFrame(document), (json) => yaml([JSON.parse(json)]));
  }
  if (pretty)
    return textPieces(document, listed, prettyFrame(document), (json) => indentJson(json, '\n    '));
  return listPieces(listed, document.json, jsonFrame(document));
}

function jsonFrame({ head, member, empty }: ListDocument): ListFrame {
  const start = goJson(head).slice(0, -1);
  return frame(`${start},"${member}":[`, ',', ']}\n', `${goJson(empty ?? { ...head, [member]: [] })}\n`);
}

function prettyFrame({ head, member, empty }: ListDocument): ListFrame {
  const start = indentJson(goJson(head)).slice(0, -2);
  return frame(
    `${start},\n  "${member}": [\n    `,
    ',\n    ',
    '\n  ]\n}',
    indentJson(goJson(empty ?? { ...head, [member]: [] })),
  );
}

/** Members sorted by name. */
function yamlFrame({ head, member, empty }: ListDocument): ListFrame {
  const part = (wanted: (name: string) => boolean) => {
    const members = Object.entries(head).filter(([name]) => wanted(name));
    return members.length === 0 ? '' : yaml(Object.fromEntries(members));
  };
  return frame(
    `${part((name) => name < member)}${member}:\n`,
    '',
    part((name) => name > member),
    yaml(empty ?? { ...head, [member]: [] }),
  );
}

function frame(start: string, separator: string, end: string, empty: string): ListFrame {
  return {
    start: Buffer.from(start),
    separator: Buffer.from(separator),
    end: Buffer.from(end),
    empty: Buffer.from(empty),
  };
}

/** For people's eyes: dearer by far, so after few items others have their turn. */
const itemsPerText = 16;

function* textPieces(
  { json }: ListDocument,
  listed: Listed,
  { start, separator, end, empty }: ListFrame,
  textOf: (json: string) => string,
): Generator<Uint8Array | undefined> {
  let scratch = Buffer.allocUnsafe(4096);
  let texts: string[] = [];
  let isFirst = true;
  const between = separator.toString();
  for (const item of samples(listed)) {
    if (item === undefined) {
      yield undefined;
      continue;
    }
    const { entry, sample } = item;
    const bound = json.bound(entry, sample);
    if (bound > scratch.length) scratch = Buffer.allocUnsafe(bound);
    const text = textOf(scratch.toString('utf8', 0, json.write(scratch, 0, entry, sample)));
    texts.push(isFirst ? `${start}${text}` : `${between}${text}`);
    isFirst = false;
    if (texts.length < itemsPerText) continue;
    yield Buffer.from(texts.join(''));
    yield undefined;
    texts = [];
  }
  if (isFirst) yield empty;
  else yield Buffer.concat([Buffer.from(texts.join('')), end]);
}

/** The envelope says how long the list is, so all of it is made before the first byte leaves. */
function* protobufPieces({ protobuf }: ListDocument, listed: Listed): Generator<Uint8Array | undefined> {
  if (protobuf === undefined) throw new Error('negotiated protobuf for a document without that form');
  const { form, apiVersion, kind, start } = protobuf;
  const { pieces, bytes } = yield* keptItems(listed, form);
  const envelope = protobufEnvelope(apiVersion, kind, start.length + bytes);
  const [first, ...others] = pieces;
  if (others.length === 0) {
    yield Buffer.concat([envelope.start, start, ...pieces, envelope.end]);
    return;
  }
  yield Buffer.concat([envelope.start, start, ...(first === undefined ? [] : [first])]);
  yield* others;
  yield envelope.end;
}
