import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the guest's kernel prints when it needs the padding. */
export const PTRACE_PANIC = 'ptrace set fp regs failed';

/** Processors with AMX have more state than the kernel of User-Mode Linux 6.1 knows. */
export function needsPtracePadding(cpuinfo: string = readFileSync('/proc/cpuinfo', 'latin1')): boolean {
  return /^flags\s*:.* amx_tile( |$)/m.test(cpuinfo);
}

/** Compiles the library to preload into `folder` and returns its path. Throws with cc's words when that fails. */
export function compilePtracePadding(folder: string): string {
  const library = join(folder, 'ptrace-padding.so');
  const source = join(import.meta.dirname, 'ptrace-padding.c');
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error(
      'compiling ptrace-padding.c, which User-Mode Linux needs on this processor: expected a C compiler as cc',
      { cause },
    );
  }
  return library;
}
