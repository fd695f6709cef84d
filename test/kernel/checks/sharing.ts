import type { KernelContext } from '../context.ts';
import type { KernelCheck } from './kernel-check.ts';

/** A check of something that takes long to start. */
export interface SharingCheck<Started> extends Omit<KernelCheck, 'run'> {
  run(started: Started): Promise<void>;
}

/** Checks to be run one after another, all of them: the first one starts what they share, the last one ends it. */
export function checksSharing<Started extends AsyncDisposable>(
  start: (context: KernelContext) => Promise<Started>,
  parts: readonly SharingCheck<Started>[],
): readonly KernelCheck[] {
  let started: Promise<Started> | undefined;
  return parts.map(({ run, ...check }) => ({
    ...check,
    async run(context) {
      started ??= start(context);
      const shared = await started;
      try {
        await run(shared);
      } finally {
        if (check.name === parts.at(-1)?.name) await shared[Symbol.asyncDispose]();
      }
    },
  }));
}
