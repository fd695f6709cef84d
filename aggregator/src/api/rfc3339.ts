/** The JSON value of a meta/v1 Time: UTC, cut (not rounded) to the second; `null` when there is none. */
export function timestampJson(timestampMs: number | undefined): string {
  if (timestampMs === undefined) return 'null';
  return `"${new Date(timestampMs).toISOString().slice(0, 19)}Z"`;
}
