import { readFileSync, realpathSync, statfsSync } from 'node:fs';

/** What finding the layout asks of the file system. Each function throws an Error with a `code`, as node:fs does. */
export interface HostFilesystem {
  /** The magic number of the file system at a path, statfs(2) `f_type`. */
  filesystemMagic(path: string): number;
  /** The path without symbolic links, as mountinfo prints it. */
  realPath(path: string): string;
  /** A whole text file. */
  readText(path: string): string;
}

export const hostFilesystem: HostFilesystem = {
  filesystemMagic: (path) => statfsSync(path).type,
  realPath: (path) => realpathSync(path),
  readText: (path) => readFileSync(path, 'utf8'),
};
