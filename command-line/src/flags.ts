import { type Flag, type Outcome, type Parse, single, type Wording } from './flag.ts';
import { goDurationMs } from './go-duration.ts';

const needed = { problem: 'is required' };
const nonEmpty: Parse<string> = (text) =>
  text === '' ? { problem: 'expected some text, found ""' } : { value: text };

/** What an empty text is: a problem, or as good as none, which is how Go's flags take it. */
interface Blank {
  readonly blank?: 'refused' | 'unset';
}

/** A text that must be given. */
export function requiredText(wording: Wording): Flag<string> {
  return single({ placeholder: 'TEXT', ...wording }, undefined, needed, nonEmpty);
}

/** A text that has a default. */
export function text(wording: Wording & Blank & { default: string }): Flag<string> {
  const missing = { value: wording.default };
  return single({ placeholder: 'TEXT', ...wording }, wording.default, missing, (given) =>
    given === '' && wording.blank === 'unset' ? missing : nonEmpty(given),
  );
}

/** A text that a function reads, or undefined where it is not given. @param parse what to make of it */
export function parsed<Value>(
  wording: Wording & { placeholder: string },
  parse: Parse<Value>,
): Flag<Value | undefined> {
  return single<Value | undefined>(wording, undefined, { value: undefined }, parse);
}

/** The same of a list: given several times, the texts are one list with commas between them. */
export function parsedList<Value>(
  wording: Wording & { placeholder: string },
  parse: Parse<Value>,
): Flag<Value | undefined> {
  const missing = { value: undefined };
  return {
    ...parsed(wording, parse),
    repeatable: true,
    read: (texts) => (texts.length === 0 ? missing : parse(texts.join(','))),
  };
}

/** A text that may be left out. */
export function optionalText(wording: Wording & Blank): Flag<string | undefined> {
  const missing = { value: undefined };
  return single<string | undefined>({ placeholder: 'TEXT', ...wording }, undefined, missing, (given) =>
    given === '' && wording.blank === 'unset' ? missing : nonEmpty(given),
  );
}

/** What each text of a list must look like, and how that is said to a person. */
interface Shape {
  /** A pattern, or whatever else can tell. */
  readonly pattern: Pick<RegExp, 'test'>;
  readonly expected: string;
}

/** Any number of texts, also comma-separated. */
export function textList(wording: Wording & { required?: boolean; shape?: Shape }): Flag<readonly string[]> {
  const { shape } = wording;
  return {
    placeholder: wording.placeholder ?? 'TEXT',
    help: wording.help,
    defaultText: undefined,
    env: wording.env,
    repeatable: true,
    read: (texts) => {
      const value = texts.flatMap((each) => each.split(/\s*,\s*/)).filter((each) => each !== '');
      if (value.length === 0 && wording.required === true) return needed;
      const wrong = value.filter((each) => shape !== undefined && !shape.pattern.test(each));
      if (wrong.length === 0) return { value };
      return { problem: `expected ${shape?.expected}, found ${wrong.map((each) => `"${each}"`).join(', ')}` };
    },
  };
}

/** One of a few words. */
export function choice<const Word extends string>(
  words: readonly Word[],
  wording: Wording & { default: Word },
): Flag<Word> {
  return single<Word>(
    { placeholder: words.join('|'), ...wording },
    wording.default,
    { value: wording.default },
    oneOf(words),
  );
}

/** One of a few words, or nothing. @param wording.fallback what holds then, in words for `--help` */
export function optionalChoice<const Word extends string>(
  words: readonly Word[],
  wording: Wording & { fallback: string },
): Flag<Word | undefined> {
  return single<Word | undefined>(
    { placeholder: words.join('|'), ...wording },
    wording.fallback,
    { value: undefined },
    oneOf(words),
  );
}

function oneOf<const Word extends string>(words: readonly Word[]): Parse<Word> {
  return (given) => {
    const value = words.find((word) => word === given);
    return value === undefined
      ? { problem: `expected one of ${words.join(', ')}, found "${given}"` }
      : { value };
  };
}

/** A whole number within bounds. */
export function integer(wording: Wording & { default: number; min: number; max: number }): Flag<number> {
  const { min, max } = wording;
  return single<number>(
    { placeholder: 'NUMBER', ...wording },
    String(wording.default),
    { value: wording.default },
    (given) => {
      const value = /^[+-]?\d+$/.test(given) ? Number(given) : Number.NaN;
      return value >= min && value <= max
        ? { value }
        : { problem: `expected a whole number from ${min} to ${max}, found "${given}"` };
    },
  );
}

interface Bounds {
  readonly min: string;
  readonly max: string;
  /** What becomes of a value outside: a problem by default, or the nearest bound with a warning. */
  readonly outside?: 'refused' | 'nearest';
}

/** A Go duration within bounds; the value is in milliseconds. */
export function duration(wording: Wording & Bounds & { default: string }): Flag<number> {
  const missing = { value: milliseconds(wording.default) };
  return single<number>(
    { placeholder: 'DURATION', ...wording },
    wording.default,
    missing,
    withinBounds(wording),
  );
}

/** A Go duration within bounds that may be left out; the value is in milliseconds. */
export function optionalDuration(wording: Wording & Bounds): Flag<number | undefined> {
  const missing = { value: undefined };
  return single<number | undefined>(
    { placeholder: 'DURATION', ...wording },
    undefined,
    missing,
    withinBounds(wording),
  );
}

function withinBounds({ min, max, outside }: Bounds): Parse<number> {
  const [least, most] = [milliseconds(min), milliseconds(max)];
  return (given): Outcome<number> => {
    const value = goDurationMs(given);
    if (value === undefined) return { problem: `expected a duration such as ${min}, found "${given}"` };
    if (value >= least && value <= most) return { value };
    const problem = `expected ${min} to ${max}, found ${given}`;
    if (outside !== 'nearest') return { problem };
    return value < least
      ? { value: least, warning: `${problem}; ${min} holds` }
      : { value: most, warning: `${problem}; ${max} holds` };
  };
}

function milliseconds(text: string): number {
  const value = goDurationMs(text);
  if (value === undefined) throw new RangeError(`Cannot define a flag with the duration "${text}"`);
  return value;
}
