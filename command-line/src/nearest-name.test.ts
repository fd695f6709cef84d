import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const known = ['metric-resolution', 'secure-port', 'bind-address', 'v'];

test.each([
  ['metric-resoluton', 'metric-resolution'],
  ['metrics-resolution', 'metric-resolution'],
  ['secureport', 'secure-port'],
  ['secure_port', 'secure-port'],
  ['something-else', undefined],
  ['bogus', undefined],
])('nearestName() of %s is %s', (typed, name) => expect(nearestName(typed, known)).toBe(name));
