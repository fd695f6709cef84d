import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface SourceRevision {
  /** The commit, with `-dirty` behind it when the checkout differs. */
  readonly revision: string;
  /** When it was committed, RFC 3339. */
  readonly committed: string;
}

/** @returns undefined where the folder is no checkout or there is no git: an image can be built from a plain copy, too. */
export async function sourceRevision(repository: string): Promise<SourceRevision | undefined> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', ['-C', repository, ...args])).stdout.trim();
  try {
    return {
      revision: await git('describe', '--always', '--abbrev=40', '--exclude=*', '--dirty'),
      committed: await git('log', '-1', '--format=%cI'),
    };
  } catch {
    return undefined;
  }
}
