import type { Controller, KernelContext } from '../context.ts';

/** One thing that must hold on a real kernel; `run` throws an AssertionError where it does not. */
export interface KernelCheck {
  readonly name: string;
  /** Controllers without which there is nothing to check. */
  readonly needs: readonly Controller[];
  run(context: KernelContext): Promise<void>;
}
