import { boolean } from './boolean.ts';
import type { Flag, FlagTable } from './flag.ts';

/**
 * Flags of another program that deployments still give: any value is taken, nothing is done with it.
 * @param why what a person who gave one should know, as half a sentence
 * @param flags.bare those that may stand alone; their value must be true or false
 */
export function accepted(
  why: string,
  flags: { readonly bare?: readonly string[]; readonly valued?: readonly string[] },
): FlagTable {
  const valued: Flag<undefined> = {
    placeholder: 'VALUE',
    help: why,
    defaultText: undefined,
    env: undefined,
    repeatable: true,
    ignored: why,
    read: () => ({ value: undefined }),
  };
  const onOff = boolean({ help: why, default: false });
  const bare: Flag<boolean> = {
    ...onOff,
    ignored: why,
    // Which of several holds makes no difference here.
    read: (texts) => onOff.read(texts.slice(-1)),
  };
  return Object.fromEntries([
    ...(flags.bare ?? []).map((name) => [name, bare]),
    ...(flags.valued ?? []).map((name) => [name, valued]),
  ]);
}
