/** As `kubectl top` writes it, with what is below a millicore: `250m`, `0.4m`. */
export function millicores(nanocores: number): string {
  const value = nanocores / 1e6;
  return `${value === 0 || value >= 10 ? Math.round(value) : Number(value.toPrecision(2))}m`;
}

/** `130.2Mi` */
export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)}Mi`;
}

/** `10.0s` */
export function seconds(usec: number): string {
  return `${(usec / 1e6).toFixed(1)}s`;
}

/** How long before `now` something was, both RFC 3339: `1.2s`, `3m`, `2h`, `5d`. */
export function age(at: string, now: string): string {
  const secondsAgo = Math.max(0, (Date.parse(now) - Date.parse(at)) / 1000);
  if (secondsAgo < 120) return `${secondsAgo.toFixed(1)}s`;
  if (secondsAgo < 7_200) return `${Math.floor(secondsAgo / 60)}m`;
  return secondsAgo < 172_800 ? `${Math.floor(secondsAgo / 3_600)}h` : `${Math.floor(secondsAgo / 86_400)}d`;
}
