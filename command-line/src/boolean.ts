import { type Flag, single, type Wording } from './flag.ts';

/** What Go's strconv.ParseBool takes. */
const truth = new Map<string, boolean>([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/** A flag that is on when it stands alone; `--name=false` turns it off. */
export function boolean(wording: Wording & { default: boolean }): Flag<boolean> {
  return {
    ...single<boolean>(
      { placeholder: 'true|false', ...wording },
      String(wording.default),
      { value: wording.default },
      (given) => {
        const value = truth.get(given);
        return value === undefined ? { problem: `expected true or false, found "${given}"` } : { value };
      },
    ),
    bare: true,
  };
}
