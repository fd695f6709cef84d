import { deepStrictEqual } from 'node:assert';
import * as fc from 'fast-check';
import type { Mount } from '../src/index.ts';
import { parseMountinfo } from '../src/index.ts';

const word = fc.stringMatching(/^[a-z0-9_=]{1,12}$/);
const mount: fc.Arbitrary<Mount> = fc.record(
  {
    mountPoint: fc.stringMatching(/^[ -~\t\n]{0,20}$/).map((text) => `/${text}`),
    filesystemType: word,
    superOptions: fc.array(word, { minLength: 1, maxLength: 4 }),
  },
  { noNullPrototype: true },
);

/** As show_mountinfo() of the kernel writes it. */
function render({ mountPoint, filesystemType, superOptions }: Mount, optional: readonly string[]): string {
  const point = mountPoint.replace(
    /[ \t\n\\]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
  );
  return [
    '32 31 0:29 /',
    point,
    'rw,relatime',
    ...optional,
    '-',
    filesystemType,
    'none',
    superOptions.join(','),
  ].join(' ');
}

export function roundTrips(runs: number): void {
  const optional = fc.array(fc.constantFrom('shared:9', 'master:3', 'unbindable'), { maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.tuple(mount, optional), { maxLength: 5 }), (pairs) => {
      const text = pairs.map(([mounted, fields]) => `${render(mounted, fields)}\n`).join('');
      deepStrictEqual(parseMountinfo(text), { mounts: pairs.map(([mounted]) => mounted), malformedLines: 0 });
    }),
    { numRuns: runs },
  );
}

/** Each line that is not empty is a mount or is counted. */
export function neverThrows(lines: string): fc.IPropertyWithHooks<[number, number, string]> {
  const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => String.fromCharCode(...array));
  const inserted = fc.oneof(bytes, fc.constantFrom('\n', ' - ', '\\777', '\0', ' ', ''));
  return fc.property(fc.nat(lines.length), fc.nat(40), inserted, (at, removed, piece) => {
    const text = lines.slice(0, at) + piece + lines.slice(at + removed);
    const { mounts, malformedLines } = parseMountinfo(text);
    const expected = text.split('\n').filter((line) => line !== '').length;
    return (
      mounts.length + malformedLines === expected &&
      mounts.every(({ mountPoint }) => mountPoint.startsWith('/'))
    );
  });
}
