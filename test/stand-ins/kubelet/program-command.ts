import type { Program } from './pod-spec.ts';

/** A part of a shell script, run after the process has joined its cgroup, and the arguments it sees as "$@". */
export interface ProgramCommand {
  readonly script: string;
  readonly args: readonly string[];
}

export interface ProgramFiles {
  readonly nodePath: string;
  readonly holdMemoryPath: string;
  /** A file that is not in the page cache yet; undefined where no file system has a page cache of files. */
  readonly uncachedFile: (bytes: number) => string | undefined;
}

/**
 * Every program holds its standard input open and ends at its end, so that nothing outlives a parent that crashed:
 * only sh and coreutils are sure to be there, so there is no prctl(PR_SET_PDEATHSIG).
 */
export function programCommand(program: Program, files: ProgramFiles): ProgramCommand {
  switch (program.kind) {
    case 'sleep':
      return { script: 'exec cat >/dev/null', args: [] };
    case 'spin':
      return { script: 'while :; do :; done & read -r _; kill $!', args: [] };
    case 'end-after':
      return { script: 'exec timeout "$1" cat >/dev/null', args: [`${program.seconds}`] };
    case 'hold-memory': {
      const file = files.uncachedFile(program.fileBytes);
      // Kept open, because some file systems (hostfs of User-Mode Linux) drop the pages at the last close.
      const readFile = file === undefined ? '' : 'exec 4<"$4"; cat <&4 >/dev/null; ';
      return {
        script: `${readFile}exec "$1" "$2" "$3"`,
        args: [files.nodePath, files.holdMemoryPath, `${program.anonymousBytes}`, ...(file ? [file] : [])],
      };
    }
  }
}
