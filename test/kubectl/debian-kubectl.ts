import { errorWords } from '@tacho/command-line';
import { debianProgram } from './debian-program.ts';

/** kubectl 1.20 from Debian's package. @throws with how to mend it where apt has no such package */
export function debianKubectl(): Promise<string> {
  return debianProgram({
    name: 'kubectl',
    debianPackage: 'kubernetes-client',
    expected: /^1\.20\./,
    called: 'kubectl 1.20',
  });
}

/** Why kubectl 1.20 cannot be had here, in one sentence; undefined where it can. */
export async function whyNoDebianKubectl(): Promise<string | undefined> {
  try {
    await debianKubectl();
    return undefined;
  } catch (error) {
    return errorWords(error);
  }
}
