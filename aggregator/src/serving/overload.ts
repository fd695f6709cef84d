import type { GateDeps } from '../identity/gate.ts';
import { TooManyReviews } from '../identity/shared-reviews.ts';

/**
 * A gate for the time when there are too many requests already: for whoever has authenticated no review is begun, except
 * for system:masters, as Kubernetes' max-in-flight filter does it. Among them is kube-apiserver's probe of the
 * APIService: if it failed, the API would be gone for everybody.
 * @param requests how many there are
 */
export function overloaded(gate: GateDeps, requests: number): GateDeps {
  return {
    ...gate,
    access: {
      decide: (user, ...rest) =>
        user.groups.includes('system:masters')
          ? gate.access.decide(user, ...rest)
          : Promise.reject(new TooManyReviews(requests)),
    },
  };
}
