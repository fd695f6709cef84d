import { type Answers, type SharedRequest, titleOf } from './exchange.ts';
import { normalAnswer } from './normal-answer.ts';
import type { Tree } from './settled.ts';

/** One thing in which two answers to one request differ. */
export interface Difference {
  readonly request: SharedRequest;
  readonly title: string;
  /** `status`, `header vary`, `form indented`, `body items[web-1].usage.swap`, `problem`. */
  readonly where: string;
  /** Short, for a person; `(absent)` where there is none. */
  readonly tacho: string;
  readonly metricsServer: string;
}

type Found = Omit<Difference, 'request' | 'title'>;

const absent = '(absent)';
const longestShown = 200;

/** All differences between both answers. Where the statuses differ, only these: the rest follows from them. */
export function differencesOf(request: SharedRequest, answers: Answers): readonly Difference[] {
  const title = titleOf(request);
  return found(request, answers).map((each) => ({ request, title, ...each }));
}

function found(request: SharedRequest, { tacho, metricsServer }: Answers): readonly Found[] {
  if ('problem' in tacho || 'problem' in metricsServer) {
    const sides = [tacho, metricsServer].map((side) => ('problem' in side ? side.problem : `${side.status}`));
    const [ours = '', theirs = ''] = sides;
    // Both refused to answer, in words of their own.
    return 'problem' in tacho && 'problem' in metricsServer
      ? []
      : [{ where: 'problem', tacho: ours, metricsServer: theirs }];
  }
  const [ours, theirs] = [normalAnswer(request, tacho), normalAnswer(request, metricsServer)];
  if (ours.status !== theirs.status) {
    const [a, b] = [ours, theirs].map(({ status, body }) => shown(`${status} ${JSON.stringify(body)}`));
    return [{ where: 'status', tacho: a ?? '', metricsServer: b ?? '' }];
  }
  return [
    ...entriesDiffer('header ', ours.headers, theirs.headers),
    ...entriesDiffer('form ', ours.form, theirs.form),
    ...treesDiffer('', ours.body, theirs.body).map((each) => ({ ...each, where: `body ${each.where}` })),
  ];
}

function entriesDiffer(
  prefix: string,
  ours: Readonly<Record<string, Tree>>,
  theirs: Readonly<Record<string, Tree>>,
): readonly Found[] {
  return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((name) =>
    ours[name] === theirs[name]
      ? []
      : [{ where: `${prefix}${name}`, tacho: shown(ours[name]), metricsServer: shown(theirs[name]) }],
  );
}

/** @param at where both stand in their bodies; '' for the whole of them */
export function treesDiffer(at: string, ours: Tree | undefined, theirs: Tree | undefined): readonly Found[] {
  if (ours === theirs) return [];
  const [a, b] = [keyed(ours), keyed(theirs)];
  if (a === undefined || b === undefined)
    return [{ where: at, tacho: shown(ours), metricsServer: shown(theirs) }];
  const keys = [...new Set([...a.keys(), ...b.keys()])];
  const inside = keys.flatMap((key) => treesDiffer(`${at}${key}`, a.get(key), b.get(key)));
  const [inA, inB] = [[...a.keys()].filter((key) => b.has(key)), [...b.keys()].filter((key) => a.has(key))];
  const moved =
    inA.join() === inB.join()
      ? []
      : [{ where: `${at} order`, tacho: shown(inA.join()), metricsServer: shown(inB.join()) }];
  return [...inside, ...moved];
}

/**
 * Parts of an object, or of a list whose elements are known by a name; a list of others by their position. Undefined for
 * what has no parts.
 */
function keyed(tree: Tree | undefined): ReadonlyMap<string, Tree> | undefined {
  if (tree === null || typeof tree !== 'object') return undefined;
  if (!Array.isArray(tree))
    return new Map(
      Object.entries(tree as { readonly [key: string]: Tree }).map(([key, part]) => [`.${key}`, part]),
    );
  const elements = tree as readonly Tree[];
  const names = elements.map(identityOf);
  const known = names.every((name) => name !== undefined) && new Set(names).size === names.length;
  return new Map(elements.map((element, index) => [`[${known ? names[index] : index}]`, element]));
}

function identityOf(element: Tree): string | undefined {
  if (typeof element === 'string') return element;
  if (element === null || typeof element !== 'object' || Array.isArray(element)) return undefined;
  const parts = element as { readonly [key: string]: Tree };
  const { metadata, object } = parts;
  for (const inner of [metadata, object]) {
    const name = inner === undefined ? undefined : identityOf(inner);
    if (name !== undefined) return name;
  }
  const { name, groupVersion, version, resource } = parts;
  const identity = name ?? groupVersion ?? version ?? resource;
  return typeof identity === 'string' ? identity : undefined;
}

function shown(value: unknown): string {
  if (value === undefined) return absent;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text;
}
