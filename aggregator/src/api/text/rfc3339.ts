/** The JSON value of a meta/v1 Time: UTC, cut (not rounded) to the second. */
export function timestampJson(timestampMs: number): string {
  return `"${new Date(timestampMs).toISOString().slice(0, 19)}Z"`;
}
