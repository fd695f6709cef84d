/** Nanoseconds of each unit that Go's time.ParseDuration knows. */
const unitNsec: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const term = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/**
 * Milliseconds of a duration as Go programs (and so every Kubernetes flag) spell it: `5s`, `1m30s`, `500ms`.
 * @returns undefined for anything else, also for a bare number other than 0 and for negative durations.
 */
export function goDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  let nsec = 0;
  term.lastIndex = 0;
  while (term.lastIndex < text.length) {
    const match = term.exec(text);
    if (match === null) return undefined;
    nsec += Number(match[1]) * (unitNsec[match[2] ?? ''] ?? Number.NaN);
  }
  return text.length > 0 && Number.isFinite(nsec) ? nsec / 1e6 : undefined;
}
