import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rotationStep, usualRotationTimes } from './rotation-step.ts';

/** CAs are numbers here. */
interface Secret {
  readonly cas: readonly number[];
  readonly signer: number;
  readonly next: number | undefined;
}
interface Place {
  bundle: readonly number[];
  atMs: number;
}
interface Replica {
  seen: number;
  seenAtMs: number;
  wholeSinceMs: number | undefined;
}
interface Agent {
  runs: boolean;
  bundle: readonly number[];
}

/** How far a replica may be behind the Secret, and a kube-apiserver behind the APIServices. */
const lagMs = 30_000;
const bundleOf = ({ cas, next }: Secret) => (next === undefined ? cas : [...cas, next]);
const same = (a: readonly number[], b: readonly number[]) => a.join() === b.join();

/** Two replicas, agents that follow the ConfigMap when they like, kube-apiservers that follow the APIServices in time. */
class World {
  nowMs = 0;
  asked = false;
  readonly secrets: [Secret, ...Secret[]] = [{ cas: [0], signer: 0, next: undefined }];
  readonly writtenAtMs = [0];
  readonly configMap: Place = { bundle: [0], atMs: 0 };
  /** Each state, the latest last: a kube-apiserver may still hold those that were replaced a moment ago. */
  readonly apiService: Place[] = [{ bundle: [0], atMs: 0 }];
  readonly replicas: readonly Replica[] = [0, 1].map(() => ({ seen: 0, seenAtMs: 0, wholeSinceMs: 0 }));
  readonly agents: readonly Agent[] = [0, 1, 2].map(() => ({ runs: true, bundle: [0] }));
  made = 0;

  secretOf({ seen }: Replica): Secret {
    return this.secrets[seen] ?? this.secrets[0];
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const replica of this.replicas) {
      const nextAtMs = this.writtenAtMs[replica.seen + 1];
      if (nextAtMs !== undefined && this.nowMs - nextAtMs > lagMs) this.follow(replica);
    }
  }

  follow(replica: Replica): void {
    if (replica.seen === this.secrets.length - 1) return;
    replica.seen = this.secrets.length - 1;
    replica.seenAtMs = this.nowMs;
    replica.wholeSinceMs = undefined;
    this.look();
  }

  publish(replica: Replica): void {
    const bundle = bundleOf(this.secretOf(replica));
    if (!same(this.configMap.bundle, bundle)) Object.assign(this.configMap, { bundle, atMs: this.nowMs });
    if (!same(this.apiService.at(-1)?.bundle ?? [], bundle))
      this.apiService.push({ bundle, atMs: this.nowMs });
    this.look();
  }

  look(): void {
    for (const replica of this.replicas) {
      const bundle = bundleOf(this.secretOf(replica));
      const places = [this.configMap, this.apiService.at(-1)];
      const whole = places.every((place) => place !== undefined && same(place.bundle, bundle));
      replica.wholeSinceMs = whole ? (replica.wholeSinceMs ?? this.nowMs) : undefined;
    }
  }

  decide(replica: Replica): void {
    const { cas, signer, next } = this.secretOf(replica);
    const step = rotationStep(
      { caEndsAtMs: Number.POSITIVE_INFINITY, cas: cas.length, hasNext: next !== undefined },
      {
        ...{ wallMs: 0, asked: this.asked, heldMs: this.nowMs - replica.seenAtMs },
        publishedMs: replica.wholeSinceMs === undefined ? undefined : this.nowMs - replica.wholeSinceMs,
        distrusting: this.agents
          .filter(({ runs, bundle }) => runs && !bundle.includes(next ?? -1))
          .map((_, index) => `n${index}`),
      },
      usualRotationTimes,
    );
    if (step === 'rest' || step === 'wait') return;
    // Optimistic locking: who has not seen the last state cannot write.
    if (replica.seen !== this.secrets.length - 1) return;
    this.asked = false;
    if (step === 'add') {
      this.made += 1;
      this.write({ cas, signer, next: this.made });
    } else if (step === 'drop') this.write({ cas: [signer], signer, next });
    else if (next !== undefined) this.write({ cas: [next, signer], signer: next, next: undefined });
  }

  write(secret: Secret): void {
    this.secrets.push(secret);
    this.writtenAtMs.push(this.nowMs);
  }

  /** What fails: a replica whose certificate a verifier cannot verify with what it may hold. */
  broken(): string | undefined {
    const current = this.apiService.filter(
      (_, index) => this.nowMs - (this.apiService[index + 1]?.atMs ?? this.nowMs) <= lagMs,
    );
    for (const replica of this.replicas) {
      const { signer } = this.secretOf(replica);
      for (const { runs, bundle } of this.agents) {
        if (runs && !bundle.includes(signer)) return `an agent with ${bundle}, a replica with ${signer}`;
      }
      for (const { bundle } of current) {
        if (!bundle.includes(signer)) return `a kube-apiserver with ${bundle}, a replica with ${signer}`;
      }
    }
    return undefined;
  }
}

const replicaEvents = ['follow', 'publish', 'decide'] as const;
const event = fc.oneof(
  fc.record({ kind: fc.constantFrom(...replicaEvents, 'work', 'work'), who: fc.nat(1) }),
  fc.record({ kind: fc.constant('pass'), who: fc.constantFrom(1, 10, 20, 40, 60) }),
  fc.record({ kind: fc.constantFrom('load', 'load', 'leave', 'come'), who: fc.nat(2) }),
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('ask', 'ask', 'restart'), who: fc.nat(1) }) },
);

function apply(world: World, { kind, who }: { kind: string; who: number }): void {
  const replica = world.replicas[who];
  const agent = world.agents[who];
  if (kind === 'pass') world.pass(who * 1_000);
  else if (kind === 'ask') world.asked = true;
  else if (kind === 'leave' && agent) agent.runs = false;
  else if (kind === 'load' && agent?.runs) agent.bundle = world.configMap.bundle;
  // The kubelet shows a pod that starts what the ConfigMap holds then.
  else if (kind === 'come' && agent) Object.assign(agent, { runs: true, bundle: world.configMap.bundle });
  else if (kind === 'restart' && replica) {
    Object.assign(replica, {
      seen: world.secrets.length - 1,
      seenAtMs: world.nowMs,
      wholeSinceMs: undefined,
    });
    world.look();
  } else if (kind === 'follow' && replica) world.follow(replica);
  else if (kind === 'publish' && replica) world.publish(replica);
  else if (kind === 'decide' && replica) world.decide(replica);
  else if (kind === 'work') for (const each of replicaEvents) apply(world, { kind: each, who });
}

test('rotationStep() of two replicas, whatever comes when: every certificate verifies with every bundle, and the rotation ends', () => {
  let rotations = 0;
  fc.assert(
    fc.property(fc.array(event, { maxLength: 300, size: 'max' }), (events) => {
      const world = new World();
      for (const each of events) {
        apply(world, each);
        expect(world.broken()).toBeUndefined();
      }
      world.asked = true;
      const before = world.made;
      // All is well again: everybody does his part once in five seconds.
      for (let turn = 0; turn < 400; turn += 1) {
        for (const who of [0, 1]) apply(world, { kind: 'work', who });
        for (const who of [0, 1, 2]) apply(world, { kind: 'come', who });
        world.pass(5_000);
        expect(world.broken()).toBeUndefined();
      }
      const { cas, next, signer } = world.secrets.at(-1) ?? world.secrets[0];
      expect([cas, next]).toEqual([[signer], undefined]);
      expect(signer).toBe(world.made);
      rotations += before;
    }),
    { numRuns: 200 },
  );
  expect(rotations).toBeGreaterThan(100);
});
