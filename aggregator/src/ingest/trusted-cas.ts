const most = 8;
const sha256Bytes = 32;

/** What an agent says that it trusts, as hex. Undefined unless it is a list of at most 8 SHA-256. */
export function readTrustedCas(sha256: unknown): readonly string[] | undefined {
  if (!Array.isArray(sha256) || sha256.length > most) return undefined;
  if (!sha256.every((each) => each instanceof Uint8Array && each.length === sha256Bytes)) return undefined;
  return sha256.map((each: Uint8Array) => Buffer.from(each).toString('hex'));
}

/** A stream of one node's agent, as far as its trust is asked for. */
export interface TrustingStream {
  readonly node: string;
  readonly talk: { trusts(sha256: string): boolean };
}

/**
 * Which of these nodes have no stream; and every node that has one, of two perhaps, whose agent has not said that it trusts
 * this CA: it is connected, whether or not it should run.
 */
export function withoutTrust(
  nodes: Iterable<string>,
  streams: Iterable<TrustingStream>,
  sha256: string,
): string[] {
  const trusts = new Map<string, boolean>();
  for (const { node, talk } of streams) trusts.set(node, talk.trusts(sha256) && trusts.get(node) !== false);
  return [...new Set([...nodes, ...trusts.keys()])].filter((node) => trusts.get(node) !== true);
}
