import type { Pieces } from './list-pieces.ts';

/** An HTTP request as a value: nothing here knows a socket. */
export interface ApiRequest {
  readonly method: string;
  /** As on the wire: percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Case-insensitive; repeated headers joined by a comma, as Node does. */
  header(name: string): string | undefined;
}

/** The answer as a value. For HEAD the body is still here: its length is the Content-Length, its bytes stay unsent. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces where it may be long: a list. */
  readonly body: Buffer | string | Pieces;
}
