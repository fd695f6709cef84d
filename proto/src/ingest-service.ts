import { fromJSON, type MethodDefinition } from '@grpc/proto-loader';
import descriptor from '../gen/ingest.json' with { type: 'json' };
import type { AgentMessage, AggregatorMessage } from './ingest-messages.ts';

/** What grpc-js needs to know of one method: path, kind of stream, and how its messages become bytes. */
export interface PushMethod {
  readonly path: '/tacho.v1.Ingest/Push';
  readonly requestStream: true;
  readonly responseStream: true;
  requestSerialize(message: AgentMessage): Buffer;
  requestDeserialize(bytes: Buffer): AgentMessage;
  responseSerialize(message: AggregatorMessage): Buffer;
  responseDeserialize(bytes: Buffer): AggregatorMessage;
}

/** Builds the `tacho.v1.Ingest` service from its descriptor. */
export function ingestService(): { readonly Push: PushMethod } {
  const definition = fromJSON(descriptor as unknown as Parameters<typeof fromJSON>[0], {
    longs: Number,
    defaults: false,
    arrays: true,
  });
  const service = definition['tacho.v1.Ingest'] as { Push: MethodDefinition<object, object> } | undefined;
  if (service === undefined)
    throw new Error('Cannot find tacho.v1.Ingest in its descriptor: run npm run generate');
  return service as unknown as { readonly Push: PushMethod };
}
