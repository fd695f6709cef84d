import type { TLSSocket } from 'node:tls';
import {
  type ConnectionInjector,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { type AggregatorMessage, ingestService } from '@tacho/proto';

/** A call of an agent, whose messages are bytes: what is read of them, and when, is the stream's business. */
export type Call = ServerDuplexStream<Buffer, AggregatorMessage>;

const longestMessageBytes = 4 * 1024 * 1024;
/** Of one connection; an agent opens a connection for each of its streams. */
const mostStreams = 4;
/** Of one connection: headers, frames and what waits to be sent. */
const mostSessionMiB = 8;

/** The service that agents call, on connections that are handed over. */
export class PushService {
  readonly #server: Server;
  readonly #connections: ConnectionInjector;

  /** @param tooLarge tells of a message that was refused for its size, by its peer: gRPC ends the call itself */
  constructor(serve: (call: Call) => void, tooLarge: (peer: string) => void) {
    this.#server = new Server({
      'grpc.max_receive_message_length': longestMessageBytes,
      'grpc.max_concurrent_streams': mostStreams,
      'grpc.enable_channelz': 0,
      'grpc-node.max_session_memory': mostSessionMiB,
      interceptors: [noting(tooLarge)],
    });
    const { Push } = ingestService();
    const service = { Push: { ...Push, requestDeserialize: (message: Buffer) => message } };
    this.#server.addService(service as unknown as ServiceDefinition, { Push: serve });
    // TLS is the listener's: gRPC would neither bound connections nor tell of those that failed.
    this.#connections = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
  }

  accept(connection: TLSSocket): void {
    this.#connections.injectConnection(connection);
  }

  /** Takes no more calls; a connection whose calls have ended is ended. */
  close(): void {
    this.#server.tryShutdown(() => undefined);
  }
}

function noting(tooLarge: (peer: string) => void): ServerInterceptor {
  return (_method, call) => {
    const send = call.sendStatus.bind(call);
    call.sendStatus = (how) => {
      // Nobody else here ends a call like this.
      if (how.code === status.RESOURCE_EXHAUSTED) tooLarge(call.getPeer());
      send(how);
    };
    return new ServerInterceptingCall(call);
  };
}
