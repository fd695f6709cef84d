/** FNV-1a, so that neighbours in name are none in time. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value ^= value >>> 16;
  value = Math.imul(value, 0x85ebca6b);
  return (value ^ (value >>> 13)) >>> 0;
}

/** How much of the period chance adds: so requests come at all moments of a second, by which clocks are found. */
const jitter = 0.05;

/**
 * When a node is pulled next: each at a moment of its own in the period, by its name, and a little later by chance.
 * @param random a number in [0, 1)
 * @returns ms from now, at least half a period
 */
export function nextPullMs(node: string, periodMs: number, nowMs: number, random: number): number {
  const phaseMs = (hash(node) / 2 ** 32) * periodMs;
  const sinceMs = (((nowMs - phaseMs) % periodMs) + periodMs) % periodMs;
  const untilMs = periodMs - sinceMs;
  return (untilMs < periodMs / 2 ? untilMs + periodMs : untilMs) + periodMs * jitter * random;
}
