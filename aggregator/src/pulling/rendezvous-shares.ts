/**
 * Shares things among owners by rendezvous hashing (Thaler and Ravishankar, 1998): each thing goes to the owner whose
 * hash with it is the largest. Whoever knows the same owners finds the same shares; with an owner only its own things
 * come and go.
 */
export function rendezvousShares<Thing extends { readonly name: string }>(
  things: Iterable<Thing>,
  owners: readonly string[],
): Map<string, Thing[]> {
  const shares = new Map(owners.map((owner): [string, Thing[]] => [owner, []]));
  const hashes = owners.map((owner) => ({ owner, hash: mixed(hashOf(owner)) }));
  for (const thing of things) {
    const its = hashOf(thing.name);
    let best: { readonly owner: string; readonly weight: number } | undefined;
    for (const { owner, hash } of hashes) {
      const weight = mixed(its ^ hash);
      const isBetter =
        best === undefined || weight > best.weight || (weight === best.weight && owner < best.owner);
      if (isBetter) best = { owner, weight };
    }
    if (best !== undefined) shares.get(best.owner)?.push(thing);
  }
  return shares;
}

/** FNV-1a of 32 bits (RFC 9923). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** MurmurHash3's last step, which makes close numbers distant ones. */
function mixed(number: number): number {
  let hash = number ^ (number >>> 16);
  hash = Math.imul(hash, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
