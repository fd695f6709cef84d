import type { Document } from './document.ts';
import { listJson, metadataJson } from './json-items.ts';
import { emptyListMeta, messageType, protobufBody } from './k8s-protobuf.ts';
import { metadataFields } from './protobuf-items.ts';
import type { UsageItem } from './usage-reader.ts';

/** `as=PartialObjectMetadata`. `apiVersion` is the meta.k8s.io version that was asked for. */
export function partialObjectMetadata(apiVersion: string, item: UsageItem): Document {
  return {
    json: () => partialObjectMetadataJson(apiVersion, item),
    protobuf: () => {
      const message = messageType('PartialObjectMetadata').encode({ metadata: metadataFields(item) });
      return protobufBody(apiVersion, 'PartialObjectMetadata', [message.finish()]);
    },
  };
}

/** `as=PartialObjectMetadataList`. */
export function partialObjectMetadataList(apiVersion: string, items: readonly UsageItem[]): Document {
  const kind = 'PartialObjectMetadataList';
  return {
    json: () => {
      const elements = items.map((item) => partialObjectMetadataJson(apiVersion, item));
      return listJson(apiVersion, kind, elements);
    },
    protobuf: () => {
      const elements = items.map((item) => ({ metadata: metadataFields(item) }));
      const message = messageType(kind).encode({ metadata: emptyListMeta, items: elements });
      return protobufBody(apiVersion, kind, [message.finish()]);
    },
  };
}

/** Unlike the items of a metrics list, these say their kind even within a list. */
export function partialObjectMetadataJson(apiVersion: string, item: UsageItem): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"${apiVersion}","metadata":${metadataJson(item)}}`;
}
