import { rmdirSync } from 'node:fs';

/** rmdir answers EBUSY while the last process is on its way out. */
export function isRemoved(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}
