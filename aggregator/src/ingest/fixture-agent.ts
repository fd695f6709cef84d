import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { type AgentMessage, type AggregatorMessage, ingestService } from '@tacho/proto';

/** What the listener's certificate must carry. */
export const serverName = 'tacho-aggregator.tacho.svc';

const { Push } = ingestService();

/** An agent as far as the aggregator sees it: one call, what it was told, how it ended. */
export class FixtureAgent implements Disposable {
  readonly received: AggregatorMessage[] = [];
  /** Resolves with the first word of the aggregator. */
  readonly greeted: Promise<unknown>;
  /** `OK` or another name of a gRPC status, and the sentence with it. */
  readonly ended: Promise<{ readonly code: string | undefined; readonly details: string }>;
  readonly #client: Client;
  readonly #stream;

  /** @param ca PEM that the server must chain to; undefined: no TLS */
  constructor(
    port: number,
    ca: string | undefined,
    authorization?: string,
    { host = '127.0.0.1', name = serverName }: { host?: string; name?: string } = {},
  ) {
    const channel = ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca));
    this.#client = new Client(`${host}:${port}`, channel, {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_retries': 0,
      'grpc.ssl_target_name_override': name,
      'grpc.max_send_message_length': -1,
    });
    const metadata = new Metadata();
    if (authorization !== undefined) metadata.set('authorization', authorization);
    this.#stream = this.#client.makeBidiStreamRequest<AgentMessage, AggregatorMessage>(
      Push.path,
      Push.requestSerialize,
      Push.responseDeserialize,
      metadata,
    );
    this.#stream.on('data', (message: AggregatorMessage) => this.received.push(message));
    this.greeted = new Promise((resolve) => this.#stream.once('data', resolve));
    this.ended = new Promise((resolve) => {
      this.#stream.on('error', ({ code, details }: ServiceError) => resolve({ code: status[code], details }));
      this.#stream.on('end', () => resolve({ code: 'OK', details: '' }));
    });
  }

  say(message: AgentMessage): void {
    this.#stream.write(message);
  }

  /** No more will be said. */
  hangUp(): void {
    this.#stream.end();
  }

  [Symbol.dispose](): void {
    this.#stream.cancel();
    this.#client.close();
  }
}
