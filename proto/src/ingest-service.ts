import protobuf from 'protobufjs/light.js';
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

interface Codec<Message> {
  readonly serialize: (message: Message) => Buffer;
  readonly deserialize: (bytes: Buffer) => Message;
}

/** Builds the `tacho.v1.Ingest` service from its descriptor. */
export function ingestService(): { readonly Push: PushMethod } {
  const root = protobuf.Root.fromJSON(descriptor as protobuf.INamespace);
  root.resolveAll();
  const agent = codec<AgentMessage>(root.lookupType('tacho.v1.AgentMessage'));
  const aggregator = codec<AggregatorMessage>(root.lookupType('tacho.v1.AggregatorMessage'));
  return {
    Push: {
      path: '/tacho.v1.Ingest/Push',
      requestStream: true,
      responseStream: true,
      requestSerialize: agent.serialize,
      requestDeserialize: agent.deserialize,
      responseSerialize: aggregator.serialize,
      responseDeserialize: aggregator.deserialize,
    },
  };
}

function codec<Message extends object>(type: protobuf.Type): Codec<Message> {
  return {
    // As it is: the checked copy that proto-loader makes first has an object for each 64-bit integer.
    serialize: (message) => type.encode(message).finish() as Buffer,
    deserialize: (bytes) =>
      type.toObject(type.decode(bytes), { longs: Number, defaults: false, arrays: true }) as Message,
  };
}
