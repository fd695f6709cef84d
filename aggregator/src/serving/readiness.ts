import type { Health } from './health.ts';

/** What must hold for this replica to be of use. */
export interface ReadinessDeps {
  readonly hasCertificate: () => boolean;
  readonly isInStep: () => boolean;
  readonly hasReports: () => boolean;
  readonly isStopping: () => boolean;
}

/** The checks of `/livez` and `/readyz`. A loop that hangs answers nothing, so to answer is to live. */
export function readiness({ hasCertificate, isInStep, hasReports, isStopping }: ReadinessDeps): Health {
  const unless = (holds: boolean, reason: string) => (holds ? undefined : reason);
  return {
    live: { ping: () => undefined },
    ready: {
      'certificates-loaded': () =>
        unless(hasCertificate(), 'there is no certificate yet that others can verify'),
      'watches-synced': () => unless(isInStep(), 'watches are not in step with the API server yet'),
      'nodes-reported': () => unless(hasReports(), 'not every node that should be reported has been yet'),
      shutdown: () => unless(!isStopping(), 'process is shutting down'),
    },
  };
}
