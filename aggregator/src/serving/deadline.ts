import type { ApiResponse } from '../api/protocol/api-message.ts';
import { goDurationNsec } from '../api/text/go-duration.ts';

/**
 * How long a request may take: what it asks for with `timeout=` (a Go duration), at most `longestMs`. What is no
 * duration shortens nothing here; the API refuses it.
 * @returns milliseconds
 */
export function requestDeadlineMs(query: URLSearchParams, longestMs: number): number {
  const timeout = query.get('timeout') ?? '';
  if (timeout === '') return longestMs;
  try {
    const wantedMs = goDurationNsec(timeout) / 1e6;
    return wantedMs > 0 ? Math.min(wantedMs, longestMs) : longestMs;
  } catch {
    return longestMs;
  }
}

/** As apiserver's timeout filter writes it: a Status without kind and apiVersion, in the Content-Type of plain text. */
export function deadlinePassed(): ApiResponse {
  const status = {
    metadata: {},
    status: 'Failure',
    message: 'Timeout: request did not complete within the allotted timeout',
    reason: 'Timeout',
    details: {},
    code: 504,
  };
  return {
    status: 504,
    headers: { 'Cache-Control': 'no-cache, private', 'Content-Type': 'text/plain; charset=utf-8' },
    body: `${JSON.stringify(status)}\n`,
  };
}
