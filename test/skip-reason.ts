/**
 * Hands on why a tier is skipped here. Where TACHO_NO_SKIPS is set, as CI does on a machine that can run everything, a
 * reason to skip is a failure: otherwise a defect in the probe would make all that it guards look well.
 */
export function skipReason(reason: string | undefined): string | undefined {
  if (reason !== undefined && process.env['TACHO_NO_SKIPS'] === '1') {
    throw new Error(`Cannot skip, TACHO_NO_SKIPS is set: ${reason}`);
  }
  return reason;
}
