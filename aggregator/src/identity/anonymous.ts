import type { User } from './user.ts';

/** Who comes without any credential. */
export const anonymous: User = {
  name: 'system:anonymous',
  uid: '',
  groups: ['system:unauthenticated'],
  extra: {},
};
