/** What a flag's text is worth, or what is wrong with it in words that say what was expected. */
export type Outcome<Value> =
  | {
      readonly value: Value;
      /** Said once in the log, after the flag's name: the program runs, but not quite as was asked. */
      readonly warning?: string;
    }
  | { readonly problem: string };

/** How one flag is read. */
export interface Flag<Value> {
  readonly placeholder: string;
  readonly help: string;
  /** What `--help` shows as the default; undefined when there is none. */
  readonly defaultText: string | undefined;
  /** Environment variable that is read when the flag is not given. */
  readonly env: string | undefined;
  readonly repeatable: boolean;
  /** Whether it may stand alone, as Go's boolean flags do; a value is then given with `=` only. */
  readonly bare?: boolean;
  /** Its letter, for `-v 4`. */
  readonly short?: string;
  /** Why it changes nothing. Such flags are warned about together and take little room in `--help`. */
  readonly ignored?: string;
  /** @param texts every occurrence in order; empty when the flag was not given. */
  read(texts: readonly string[]): Outcome<Value>;
}

/** A program's flags by name, without the dashes. */
// biome-ignore lint/suspicious/noExplicitAny: a table holds flags of different value types
export type FlagTable = Readonly<Record<string, Flag<any>>>;

/** What the flags of a table are worth once read. */
export type FlagValues<Table extends FlagTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Flag<infer Value> ? Value : never;
};

export interface Wording {
  readonly help: string;
  readonly placeholder?: string;
  readonly env?: string;
  readonly short?: string;
}

export type Parse<Value> = (text: string) => Outcome<Value>;

/**
 * A flag of one value. Given several times, the last holds, as with Go's flags: deployments add their own arguments after
 * a chart's.
 * @param missing its value when it is not given
 */
export function single<Value>(
  wording: Wording & { placeholder: string },
  defaultText: string | undefined,
  missing: Outcome<Value>,
  parse: Parse<Value>,
): Flag<Value> {
  return {
    placeholder: wording.placeholder,
    help: wording.help,
    defaultText,
    env: wording.env,
    repeatable: false,
    ...(wording.short !== undefined && { short: wording.short }),
    read(texts) {
      const last = texts.at(-1);
      if (last === undefined) return missing;
      const outcome = parse(last);
      if (texts.length === 1 || 'problem' in outcome) return outcome;
      const times = `is given ${texts.length} times; the last, "${last}", holds`;
      return {
        ...outcome,
        warning: outcome.warning === undefined ? times : `${times}, but ${outcome.warning}`,
      };
    },
  };
}
