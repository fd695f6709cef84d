/** Addresses, `ip:port`, each with the name that the replica's certificate must carry. */
export type ReplicaNames = ReadonlyMap<string, string>;

/** All that says where the replicas are. */
export interface ReplicaSources {
  /** What the replicas that are connected now have told. */
  readonly told: ReplicaNames;
  /** The last `told` that was not empty. */
  readonly toldLast: ReplicaNames;
  /** What DNS says; empty where it was not asked since a replica has told. */
  readonly resolved: ReplicaNames;
  readonly anyConnected: boolean;
}

/**
 * Where streams are wanted. Connected replicas are right at once, DNS some seconds later, and what was told last is
 * the best there is when all of them have gone: they may come back, or may have moved.
 */
export function wantedReplicas({ told, toldLast, resolved, anyConnected }: ReplicaSources): ReplicaNames {
  if (told.size > 0) return told;
  if (anyConnected && resolved.size > 0) return resolved;
  return new Map([...resolved, ...toldLast]);
}
