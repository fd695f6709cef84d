import { arch } from 'node:os';

/** Kinds of processors that there are images for, in Go's words, which those of images are. */
export const architectures = ['amd64', 'arm64'] as const;
export type Architecture = (typeof architectures)[number];

/** @throws on a machine of another kind */
export function thisArchitecture(): Architecture {
  const name = arch() === 'x64' ? 'amd64' : arch();
  const known = architectures.find((each) => each === name);
  if (known === undefined)
    throw new Error(`Cannot build for ${name}: expected a processor of ${architectures.join(' or ')}`);
  return known;
}
