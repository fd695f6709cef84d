import { randomBytes } from 'node:crypto';

const RUN_NAME = /^tacho-(\d+)-[0-9a-f]{8}$/;

/** Name of one run's cgroups and folders. It carries the owner's pid, so that what a crash leaves can be told apart. */
export function newRunName(ownerPid: number): string {
  return `tacho-${ownerPid}-${randomBytes(4).toString('hex')}`;
}

/** The pid in a name of newRunName(), or undefined for every other name. */
export function runOwnerPid(name: string): number | undefined {
  const digits = RUN_NAME.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
