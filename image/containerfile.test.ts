import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { imageConfig } from './tacho-image.ts';

const repository = join(import.meta.dirname, '..');

test('an image of the Containerfile starts as that of npm run image does', () => {
  const last =
    readFileSync(join(repository, 'Containerfile'), 'utf8')
      .split(/^FROM /m)
      .at(-1) ?? '';
  const instruction = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(last)?.[1];
  expect({
    user: instruction('USER'),
    workingDir: instruction('WORKDIR'),
    env: instruction('ENV')?.split(' '),
  }).toEqual(imageConfig);
  expect(instruction('COPY')).toBe('--from=build /image /');
});
