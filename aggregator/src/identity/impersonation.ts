import type { ApiRequest, ApiResponse } from '../api/protocol/api-message.ts';
import { goQuote } from '../api/text/go-quote.ts';
import type { AccessReview } from './access-review.ts';
import { badIdentity, forbidden } from './refusal.ts';
import type { User } from './user.ts';
import type { ResourceAttributes, Wanted } from './wanted.ts';

/** As whom a request goes on, or the answer to give. */
export type Impersonation = { readonly user: User } | { readonly refusal: ApiResponse };

/** What `Impersonate-*` headers ask for; `groups` is undefined when no header names one. */
interface Asked {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[] | undefined;
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Namespace: a DNS label; name: a DNS subdomain. Anything else is a plain user's name. */
const serviceAccount =
  /^system:serviceaccount:([a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?):([a-z0-9](?:[-.a-z0-9]{0,251}[a-z0-9])?)$/;
const extraPrefix = 'impersonate-extra-';

/**
 * Makes a request go on as another user, when its caller may impersonate him and all that he is said to be: one review
 * with the verb "impersonate" for each. kube-apiserver sends no such headers: these are of callers that come directly.
 * The narrower rights of KEP-5284 ("impersonate-on:…") are not looked for.
 */
export async function impersonated(
  request: ApiRequest,
  caller: User,
  rawHeaders: readonly string[],
  access: Pick<AccessReview, 'decide'>,
  signal: AbortSignal,
): Promise<Impersonation> {
  const asked = readAsked(rawHeaders);
  if (asked === undefined) return { user: caller };
  if (asked.user === '') {
    return { refusal: badIdentity(request, `requested ${goUser(asked)} without impersonating a user name`) };
  }
  for (const resourceAttributes of attributesOf(asked)) {
    const wanted: Wanted = { resourceAttributes };
    const { allowed, reason } = await access.decide(caller, wanted, signal);
    if (!allowed) return { refusal: forbidden(request, caller, wanted, reason) };
  }
  const { user: name, uid, extra } = asked;
  return { user: { name, uid, groups: groupsOf(asked), extra } };
}

function readAsked(rawHeaders: readonly string[]): Asked | undefined {
  let isAsked = false;
  let user: string | undefined;
  let uid: string | undefined;
  let groups: string[] | undefined;
  const extra = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const header = rawHeaders[index] ?? '';
    // Every header of every request passes here: only those that begin with an I are looked at.
    if ((header.charCodeAt(0) | 0x20) !== 0x69 || !/^impersonate-/i.test(header)) continue;
    const name = header.toLowerCase();
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    if (name === 'impersonate-user') user ??= value;
    else if (name === 'impersonate-uid') uid ??= value;
    else if (name === 'impersonate-group') {
      groups ??= [];
      groups.push(value);
    } else if (name.startsWith(extraPrefix)) {
      const key = decode(name.slice(extraPrefix.length));
      const values = extra.get(key);
      if (values === undefined) extra.set(key, [value]);
      else values.push(value);
    } else continue;
    isAsked ||= value !== '' || (name !== 'impersonate-user' && name !== 'impersonate-uid');
  }
  return isAsked ? { user: user ?? '', uid: uid ?? '', groups, extra: Object.fromEntries(extra) } : undefined;
}

function attributesOf({ user, uid, groups = [], extra }: Asked): readonly ResourceAttributes[] {
  const impersonate = (resource: string, name: string, group = '', version = ''): ResourceAttributes => ({
    ...{ verb: 'impersonate', group, version, resource },
    ...(name === '' ? {} : { name }),
  });
  const [, namespace, account = ''] = serviceAccount.exec(user) ?? [];
  const identity = ['authentication.k8s.io', 'v1'] as const;
  return [
    namespace === undefined
      ? impersonate('users', user)
      : { ...impersonate('serviceaccounts', account), namespace },
    ...groups.map((group) => impersonate('groups', group)),
    ...Object.entries(extra).flatMap(([subresource, values]) =>
      values.map((value) => ({ ...impersonate('userextras', value, ...identity), subresource })),
    ),
    ...(uid === '' ? [] : [impersonate('uids', uid, ...identity)]),
  ];
}

/** Groups that are named are the authority; a service account's are known without. */
function groupsOf({ user, groups }: Asked): readonly string[] {
  const [, namespace] = serviceAccount.exec(user) ?? [];
  const accounts =
    namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const named = groups ?? accounts;
  if (user === 'system:anonymous') {
    return named.includes('system:unauthenticated') ? named : [...named, 'system:unauthenticated'];
  }
  const isSaid = named.includes('system:authenticated') || named.includes('system:unauthenticated');
  return isSaid ? named : [...named, 'system:authenticated'];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As Go prints it, which is what Kubernetes answers. */
function goUser({ uid, groups, extra }: Asked): string {
  const list = (values: readonly string[]) => `[]string{${values.map(goQuote).join(', ')}}`;
  const entries = Object.entries(extra).sort(([a], [b]) => (a < b ? -1 : 1));
  const map = entries.map(([key, values]) => `${goQuote(key)}:${list(values)}`).join(', ');
  const [saidGroups, saidExtra] = [
    groups === undefined ? '[]string(nil)' : list(groups),
    entries.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${map}}`,
  ];
  return `&user.DefaultInfo{Name:"", UID:${goQuote(uid)}, Groups:${saidGroups}, Extra:${saidExtra}}`;
}
