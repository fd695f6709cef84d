/** An HTTP request as a value: nothing here knows a socket. */
export interface ApiRequest {
  readonly method: string;
  /** As on the wire: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Case-insensitive; of a header sent twice the first, as with Go. */
  header(name: string): string | undefined;
}

/** The answer as a value. For HEAD the body is still here: its length is the Content-Length, its bytes stay unsent. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces where it may be long: a list. */
  readonly body: Buffer | string | Pieces | WatchBody;
  /** From what length on it is compressed for those who take it, where that is not as usual; then it always says so. */
  readonly gzipAboveBytes?: number;
}

/**
 * A body made while it is sent. Each piece holds until the one after the next is asked for; undefined is no piece but a
 * good moment to let others have the event loop.
 */
export type Pieces = Iterable<Uint8Array | undefined>;

/** The body of a watch. Nothing is held for it before it is begun. */
export interface WatchBody {
  /**
   * To be called once. Pieces of whole events, each good until the next is asked for; undefined is a good moment to let
   * others have the event loop. They end soon after the signal says so.
   */
  readonly watch: (until: AbortSignal) => AsyncIterable<Uint8Array | undefined>;
}

export function isWatchBody(body: ApiResponse['body']): body is WatchBody {
  return typeof body === 'object' && 'watch' in body;
}
