import { duration, optionalText, type Parse, parsedList } from '@tacho/command-line';
import { usualAuthorization } from '../identity/authentication-options.ts';

const paths: Parse<readonly string[]> = (text) => {
  const value = text.split(',').filter((path) => path !== '');
  const wrong = value.filter((path) => path.slice(0, -1).includes('*'));
  return wrong.length === 0
    ? { value }
    : {
        problem: `expected * at the end of a path only, found ${wrong.map((path) => `"${path}"`).join(', ')}`,
      };
};

/** How it is found out what a caller may do. */
export const authorizationFlags = {
  'authorization-kubeconfig': optionalText({
    help: 'How to reach the API server that reviews accesses, where it is another than --kubeconfig leads to.',
    placeholder: 'FILE',
    blank: 'unset',
  }),
  'authorization-always-allow-paths': parsedList(
    {
      help: `Paths that everybody may read, comma-separated; * at the end stands for any rest. When it is not given: ${usualAuthorization.alwaysAllowPaths.join(', ')}.`,
      placeholder: 'PATHS',
    },
    paths,
  ),
  'authorization-webhook-cache-authorized-ttl': duration({
    help: 'How long a review holds that allows.',
    default: '10s',
    min: '0s',
    max: '24h',
    outside: 'nearest',
  }),
  'authorization-webhook-cache-unauthorized-ttl': duration({
    help: 'How long a review holds that does not.',
    default: '10s',
    min: '0s',
    max: '24h',
    outside: 'nearest',
  }),
};
